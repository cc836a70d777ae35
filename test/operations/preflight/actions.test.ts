import { describe, expect, it } from "vitest";
import { roleFor } from "../../../infra/azure/roles.ts";
import { parseSettings } from "../../../infra/settings/settings.ts";
import { missingActions, needsOf } from "../../../operations/preflight/actions.ts";
import { ROLES } from "../../../rehearsal/azure/permissions.ts";

const settings = (config: Record<string, string>) =>
  parseSettings(config, { stack: "prod", isSecret: () => false });
const needs = (config: Record<string, string>) =>
  needsOf(settings(config), { cache: "s1", app: (index) => `a${index}` });
const subnetId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";

describe("the permissions that a stack needs", () => {
  it("are empty in Azure without a cache or an app there", () => {
    expect(needs({ plan: "upstash-free" })).toEqual([]);
  });

  it("only allow to read an adopted cache", () => {
    const [need] = needs({ plan: "azure-managed-b0", azure: '{"adopt":"by-hand"}' });
    expect(need?.actions.some((action) => /write|delete/.test(action))).toBe(false);
    expect(need?.actions).toContain("Microsoft.Cache/redisEnterprise/databases/listKeys/action");
  });

  it("are reported by scope, each once", () => {
    const app = JSON.stringify([
      { name: "one-app" },
      { name: "two-app", resourceGroup: "other", slot: "staging", keyVault: "the-vault" },
      { name: "three-app", manage: false },
    ]);
    const found = needs({
      plan: "azure-c0",
      app,
      azure: '{"createResourceGroup":true,"resourceGroup":"cache-rg"}',
    });
    expect(found.map(({ scope }) => scope)).toEqual([
      "/subscriptions/s1/resourceGroups/cache-rg",
      "/subscriptions/s1",
      "/subscriptions/a0/resourceGroups/propiq-rg",
      "/subscriptions/a1/resourceGroups/other",
    ]);
    expect(found[3]?.actions).toContain("Microsoft.Web/sites/slots/config/write");
    expect(found[3]?.actions).toContain("Microsoft.KeyVault/vaults/secrets/write");
  });

  it("depend on the network", () => {
    const inside = needs({
      plan: "azure-c0",
      azure: JSON.stringify({ network: { access: "private", subnetId } }),
    });
    expect(inside[0]?.actions).toContain("Microsoft.Network/virtualNetworks/subnets/join/action");
    const walled = needs({ plan: "azure-c0", azure: '{"network":{"allowedIps":["203.0.113.7"]}}' });
    expect(walled[0]?.actions).toContain("Microsoft.Cache/redis/firewallRules/write");
  });
});

describe("the permissions that alerts need", () => {
  const alerts = '{"emails":["ops@example.com"]}';
  const insights = [/metricAlerts\/write/, /actionGroups\/delete/, /workbooks\/read/];

  it("allow to write rules, a group and a workbook in the group of the cache, adopted or not", () => {
    for (const azure of ["{}", '{"adopt":"by-hand"}']) {
      const [need, ...others] = needs({ plan: "azure-c0", alerts, azure });
      expect(others).toEqual([]);
      for (const action of insights) expect(need?.actions.join("\n")).toMatch(action);
    }
  });

  it("are empty where the cache in use is not in Azure, or alerts are disabled", () => {
    expect(needs({ plan: "upstash-free", alerts })).toEqual([]);
    for (const config of [{ plan: "upstash-free", alerts, standby: '["azure-c0"]' }, { plan: "azure-c0" }]) {
      expect(JSON.stringify(needs(config))).not.toContain("Insights");
    }
  });

  it("are granted by the documented role, in addition to a role for the cache", () => {
    const actions = needs({ plan: "azure-c0", alerts })[0]?.actions ?? [];
    const missing = missingActions(actions, [ROLES["Redis Cache Contributor"]]);
    expect([...new Set(missing.map(roleFor))]).toEqual(["Monitoring Contributor"]);
    expect(missingActions(missing, [ROLES["Monitoring Contributor"]])).toEqual([]);
  });
});

describe("what a role grants", () => {
  const wanted = [
    "Microsoft.Cache/redis/write",
    "Microsoft.Cache/redisEnterprise/write",
    "Microsoft.Web/sites/config/list/action",
  ];
  it.each([
    ["Owner", []],
    ["Contributor", []],
    ["Reader", wanted],
    ["Redis Cache Contributor", wanted.slice(1)],
    ["Website Contributor", wanted.slice(0, 2)],
  ] as const)("%s leaves out %j", (role, missing) => {
    expect(missingActions(wanted, [ROLES[role]])).toEqual(missing);
  });

  it("adds up with other roles, and one role may grant what another excludes", () => {
    expect(missingActions(wanted, [ROLES["Redis Cache Contributor"], ROLES["Website Contributor"]])).toEqual([
      "Microsoft.Cache/redisEnterprise/write",
    ]);
    const without = { actions: ["*"], notActions: ["Microsoft.Cache/*"] };
    expect(missingActions(wanted, [without])).toEqual(wanted.slice(0, 2));
    expect(missingActions(wanted, [without, ROLES.Owner])).toEqual([]);
    expect(missingActions(wanted, [])).toEqual(wanted);
  });
});
