import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ConfigError } from "../../../infra/settings/problems.ts";
import {
  type Counterparts,
  mapConfig,
  needsOf,
  readStackFile,
  withKey,
  withPlan,
} from "../../../rehearsal/scenario/config.ts";

const HERE: Counterparts = {
  subscriptionId: "11111111-2222-3333-4444-555555555555",
  hostOf: (name, slot) => `127.0.0.1:${name}${slot ?? ""}`,
  ownApp: false,
};
const SECRET = { secure: "v1:ciphertext" };

/** @param config keys below `config` of the stack's file */
function mapped(config: object, found: Partial<Counterparts> = {}) {
  const file = readStackFile("prod", JSON.stringify({ config }));
  const { text, notMapped } = mapConfig(file, { ...HERE, ...found });
  return { config: (parse(text) as { config: Record<string, unknown> }).config, notMapped };
}
const needs = (config: object) => needsOf(readStackFile("prod", JSON.stringify({ config })));

const PLAN = { "propiq-cache:plan": "upstash-free" };

describe("a config for a rehearsal", () => {
  it("copies plain values as they are, without comments and other keys of the file", () => {
    const config = {
      ...PLAN,
      "propiq-cache:ttl": { short: 30 },
      "propiq-cache:drainSeconds": "7",
      "propiq-cache:expect": { hitRateMin: 0.2 },
    };
    const text = `secretsprovider: azurekeyvault://v.vault.azure.net/keys/k\nencryptedkey: AAAA\n${JSON.stringify({ config })}`;
    const file = readStackFile("prod", JSON.stringify({ secretsprovider: "azurekeyvault://v", config }));
    expect(text).toContain("secretsprovider");
    expect(mapConfig(file, HERE).text).not.toContain("secretsprovider");
    expect(mapped(config)).toEqual({ config, notMapped: [] });
  });

  it("keeps the old cache for 1 s, unless the config says for how long", () => {
    expect(mapped(PLAN).config).toEqual({ ...PLAN, "propiq-cache:drainSeconds": 1 });
  });

  it("holds no secret, and lists those that nothing replaces", () => {
    const { config, notMapped } = mapped({
      "propiq-cache:plan": "external",
      "propiq-cache:url": SECRET,
      "propiq-cache:app": { name: "my-app", resourceGroup: SECRET },
      "azure-native:clientSecret": SECRET,
      "upstash:apiKey": SECRET,
      "other:token": SECRET,
    });
    expect(JSON.stringify(config)).not.toContain("secure");
    expect(config["propiq-cache:app"]).toEqual({ name: "my-app" });
    expect(notMapped).toEqual(["propiq-cache:app.resourceGroup", "other:token"]);
  });

  it("names the emulated subscription wherever it named a real one", () => {
    const { subscriptionId } = HERE;
    const real = "99999999-9999-9999-9999-999999999999";
    const subnet = `/subscriptions/${real}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s`;
    const { config, notMapped } = mapped({
      "propiq-cache:plan": "azure-managed-b0",
      "propiq-cache:azure": { subscriptionId: real, network: { access: "private", subnetId: subnet } },
      "propiq-cache:app": { subscriptionId: real },
      "azure-native:subscriptionId": real,
      "azure-native:location": "westeurope",
    });
    expect(JSON.stringify(config)).not.toContain(real);
    expect(config).toMatchObject({
      "propiq-cache:azure": { subscriptionId, network: { subnetId: subnet.replace(real, subscriptionId) } },
      "propiq-cache:app": { subscriptionId },
      "azure-native:subscriptionId": subscriptionId,
      "azure-native:location": "westeurope",
    });
    expect(notMapped).toEqual([]);
  });

  it("leads health URLs to the emulated apps, each to its own", () => {
    const apps = [
      { name: "one", healthUrl: "https://one.example.com/api/health?x=1" },
      { name: "two", slot: "staging", healthUrl: "https://two.example.com/" },
    ];
    const config = { ...PLAN, "propiq-cache:app": apps };
    const urls = (found: Partial<Counterparts>) =>
      (mapped(config, found).config["propiq-cache:app"] as { healthUrl: string }[]).map(
        (app) => app.healthUrl,
      );
    expect(urls({})).toEqual(["https://127.0.0.1:one/health", "https://127.0.0.1:twostaging/health"]);
    expect(urls({ ownApp: true })).toEqual([
      "https://127.0.0.1:one/api/health?x=1",
      "https://127.0.0.1:twostaging/",
    ]);
  });

  it("lists ids and regions that the emulation does not cover, and leaves them out", () => {
    const { config, notMapped } = mapped({
      ...PLAN,
      "propiq-cache:azure": { adopt: "by-hand", location: "norwayeast" },
      "propiq-cache:upstash": { adopt: "0123456789abcdef", primaryRegion: "mars-1", readRegions: ["moon-1"] },
      "azure-native:unheardOf": "x",
    });
    expect(config["propiq-cache:azure"]).toEqual({ location: "norwayeast" });
    expect(config["propiq-cache:upstash"]).toEqual({});
    expect(notMapped).toEqual([
      "propiq-cache:azure.adopt",
      "propiq-cache:upstash.adopt",
      "propiq-cache:upstash.primaryRegion",
      "propiq-cache:upstash.readRegions",
      "azure-native:unheardOf",
    ]);
  });

  it("adopts an emulated database in place of the real one", () => {
    const config = { ...PLAN, "propiq-cache:upstash": { adopt: "0123456789abcdef" } };
    expect(needs(config).adoptedDatabase).toBe("upstash-free");
    expect(mapped(config, { adoptedDatabase: "here" }).config["propiq-cache:upstash"]).toEqual({
      adopt: "here",
    });
  });

  it.each(["/etc/app.env", "../other/.env"])("writes no env file outside of its folder: %s", (path) => {
    expect(mapped({ ...PLAN, "propiq-cache:envFile": path }).config["propiq-cache:envFile"]).toBe(".env");
  });

  it("signs in by its environment alone", () => {
    const { config, notMapped } = mapped({
      ...PLAN,
      "azure-native:clientId": "x",
      "azure-native:tenantId": "x",
      "azure-native:metadataHost": "stack.example.com",
      "azure-native:useOidc": "true",
      "upstash:email": "me@example.com",
    });
    expect(Object.keys(config)).toEqual(["propiq-cache:plan", "propiq-cache:drainSeconds"]);
    expect(notMapped).toEqual([]);
  });

  it("refuses what the real deploy refuses, but for the budget, which the rehearsal judges", () => {
    expect(() =>
      readStackFile("prod", JSON.stringify({ config: { "propiq-cache:plan": "azure-c9" } })),
    ).toThrow(ConfigError);
    const config = { "propiq-cache:plan": "azure-c1", "propiq-cache:monthlyBudgetUsd": 25 };
    expect(mapped(config).config["propiq-cache:monthlyBudgetUsd"]).toBe(25);
  });
});

describe("what the clouds need", () => {
  it("is each app once with all of its slots, and the groups and vaults that the config names", () => {
    expect(
      needs({
        ...PLAN,
        "propiq-cache:app": [
          { name: "one", resourceGroup: "web-rg", slot: "staging", keyVault: "team-vault" },
          { name: "one", resourceGroup: "web-rg", slot: "production-2" },
        ],
        "propiq-cache:azure": { resourceGroup: "cache-rg", network: { allowedIps: ["198.51.100.0/24"] } },
      }),
    ).toEqual({
      sites: [{ name: "one", resourceGroup: "web-rg", slots: ["staging", "production-2"], vault: true }],
      groups: ["web-rg", "cache-rg"],
      vaults: [{ name: "team-vault", resourceGroup: "web-rg" }],
      clientAddress: "198.51.100.0",
      insideNetwork: false,
      external: false,
    });
  });
});

describe("a config for another plan", () => {
  const text = JSON.stringify({
    encryptionsalt: "v1:abc",
    config: {
      "propiq-cache:plan": "external",
      "propiq-cache:url": SECRET,
      "propiq-cache:external": { memoryMb: 100 },
      "propiq-cache:keySlot": "secondary",
      "propiq-cache:monthlyBudgetUsd": "25",
    },
  });
  const configOf = (yaml: string) => (parse(yaml) as { config: Record<string, unknown> }).config;

  it("drops what belongs to the stack's own cache, and may cost what the plan costs", () => {
    expect(configOf(withPlan(text, "upstash-free", 0))).toEqual({
      "propiq-cache:plan": "upstash-free",
      "propiq-cache:monthlyBudgetUsd": 25,
    });
    expect(configOf(withPlan(text, "azure-c1", 55))).toMatchObject({
      "propiq-cache:keySlot": "secondary",
      "propiq-cache:monthlyBudgetUsd": 55,
    });
  });

  it("keeps the salt of its encryption", () => {
    expect(parse(withPlan(text, "azure-c1", 55))).toMatchObject({ encryptionsalt: "v1:abc" });
  });

  it("changes a single key below another one", () => {
    const changed = configOf(withKey('{"config":{"propiq-cache:app":{"name":"a"}}}', ["app", "slot"], "b"));
    expect(changed["propiq-cache:app"]).toEqual({ name: "a", slot: "b" });
  });
});
