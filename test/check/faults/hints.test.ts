import { describe, expect, it } from "vitest";
import { MORE_CONNECTIONS, MORE_MEMORY } from "../../../check/faults/growth.ts";
import { hintFor } from "../../../check/faults/hints.ts";
import { CODES } from "../../../check/report.ts";
import type { Provider, Subject } from "../../../check/subject.ts";
import { CATALOGUE, PLANS, type Plan } from "../../../infra/plans/catalogue.ts";

const PROVIDERS: Provider[] = ["docker", "native", "upstash", "azure", "azure-managed", "external"];
const hosts: Record<Provider, string> = {
  docker: "127.0.0.1",
  native: "127.0.0.1",
  upstash: "calm-fox-1.upstash.io",
  azure: "propiq-azure-c0-1.redis.cache.windows.net",
  "azure-managed": "propiq-b0.eastus.redis.azure.net",
  external: "redis.example",
};
const plans: Partial<Record<Provider, string>> = {
  upstash: "upstash-free",
  azure: "azure-c0",
  "azure-managed": "azure-managed-b0",
};
const subjectOf = (provider: Provider, stack?: string, plan = plans[provider]): Subject => ({
  enabled: true,
  ...(plan === undefined ? {} : { plan }),
  target: { host: hosts[provider], port: 6380, tls: true, db: 0, password: "secret-0815" },
  provider,
  ...(stack === undefined ? {} : { stack }),
});

describe("every hint", () => {
  const all = PROVIDERS.flatMap((provider) =>
    CODES.map((code) => ({ code, provider, hint: hintFor(code, subjectOf(provider, "prod")) })),
  );

  it("ends in a command that can be typed as it is", () => {
    for (const { hint, code, provider } of all) {
      expect(hint, `${code} on ${provider}`).toMatch(
        /npx propiq-cache (dev|(verify|pulumi up|pulumi up --refresh) --stack prod)$/,
      );
    }
  });

  it("fits on a screen, and says no nonsense and no secret", () => {
    for (const { hint } of all) {
      expect(hint.length).toBeLessThan(480);
      expect(hint).not.toMatch(/undefined|NaN|secret-0815|\[object/);
    }
  });
});

describe("a larger plan", () => {
  const cloud = PLANS.filter((plan) =>
    ["upstash", "azure", "azure-managed"].includes(CATALOGUE[plan].provider),
  );
  const cloudOf = (plan: Plan) => CATALOGUE[plan].provider.replace("azure-managed", "azure");
  const isAvailable = (plan: Plan) => /standard|-ha$/.test(plan);
  const memoryOf = (plan: Plan) => CATALOGUE[plan].memoryMb ?? 0;

  it.each(cloud)("than %s holds more, in the same cloud and as available, or there is none", (plan) => {
    const larger = cloud.filter((other) =>
      [
        cloudOf(other) === cloudOf(plan),
        isAvailable(other) === isAvailable(plan),
        memoryOf(other) > memoryOf(plan),
        CATALOGUE[other].retires === undefined,
      ].every(Boolean),
    );
    const next = MORE_MEMORY[plan] as Plan | undefined;
    if (next === undefined) expect(larger).toEqual([]);
    else expect(larger).toContain(next);
    const hint = hintFor("MEMORY_HIGH", subjectOf(CATALOGUE[plan].provider, "prod", plan));
    expect(hint).toMatch(
      next === undefined
        ? /No plan of this cloud holds more.*: npx propiq-cache advise --stack prod$/
        : new RegExp(`config set plan ${next} --stack prod, then .* up --stack prod$`),
    );
  });

  it.each(cloud)("for the connections of %s takes more and holds as much, or there is none", (plan) => {
    const next = MORE_CONNECTIONS[plan] as Plan | undefined;
    const hint = hintFor("MAX_CLIENTS", subjectOf(CATALOGUE[plan].provider, "prod", plan));
    if (next === undefined) return expect(hint).not.toContain("config set");
    expect(hint).toContain(`config set plan ${next} --stack prod`);
    expect(CATALOGUE[next].maxConnections).toBeGreaterThan(CATALOGUE[plan].maxConnections ?? 0);
    expect(memoryOf(next)).toBeGreaterThanOrEqual(memoryOf(plan));
    expect(isAvailable(next)).toBe(isAvailable(plan));
  });

  it("for an allowance that is used up is the one billed by use, and there its budget", () => {
    const hint = (plan: Plan) => hintFor("QUOTA_EXCEEDED", subjectOf("upstash", "prod", plan));
    expect(hint("upstash-fixed-250mb")).toContain("config set plan upstash-payg");
    expect(hint("upstash-payg")).toMatch(/raise upstash\.budget in the stack's config\..* up --stack prod$/);
  });

  it("is nobody's to set who has only an address", () => {
    const { stack: _stack, ...bare } = subjectOf("upstash");
    expect(hintFor("QUOTA_EXCEEDED", bare)).toMatch(/where its plan is chosen\..*: npx propiq-cache verify$/);
  });
});

it.each([
  ["calm-fox-1.upstash.io", "TLS_REQUIRED", /Upstash speaks TLS only/],
  ["Name.Redis.Cache.Windows.Net", "TCP_TIMEOUT", /allowedIps.*6380/],
  ["name.redis.cache.usgovcloudapi.net", "ACCESS_KEYS_DISABLED", /only Entra ID/],
  ["name.eastus.redis.azure.net", "TCP_TIMEOUT", /private endpoint.*10000/],
  ["name.eastus.redisenterprise.cache.azure.net", "CLUSTER_MOVED", /OSSCluster/],
  ["upstash.io.example", "TLS_REQUIRED", /^Write rediss:/],
] as const)("a cache of which only the address is known is told by it: %s", (host, code, words) => {
  const target = { host, port: 6380, tls: true, db: 0 };
  expect(hintFor(code, { enabled: true, target })).toMatch(words);
});

describe("where the cache runs makes a difference:", () => {
  it.each([
    ["docker", "TCP_REFUSED", /container/],
    ["native", "TCP_REFUSED", /redis-server of this project/],
    ["azure", "TCP_TIMEOUT", /allowedIps.*6380/],
    ["azure-managed", "TCP_TIMEOUT", /private endpoint.*10000/],
    ["azure", "AUTH_WRONG", /az redis list.*propiq-azure-c0-1.*disableAccessKeyAuthentication/],
    ["azure-managed", "AUTH_WRONG", /az resource show .*propiq-b0.*accessKeysAuthentication/],
    ["upstash", "DNS_NOT_FOUND", /archives/],
    ["upstash", "QUOTA_EXCEEDED", /plan upstash-payg/],
    ["upstash", "TLS_REQUIRED", /rediss:\/\//],
    ["external", "TLS_HOSTNAME", /redis\.example:6380/],
    ["azure", "ACCESS_KEYS_DISABLED", /only Entra ID.*propiq-azure-c0-1.*must say false/],
    [
      "azure-managed",
      "ACCESS_KEYS_DISABLED",
      /only Entra ID.*propiq-b0.*accessKeysAuthentication .*must say Enabled/,
    ],
  ] as const)("%s, %s", (provider, code, words) => {
    expect(hintFor(code, subjectOf(provider, "prod"))).toMatch(words);
  });
});

it.each(PROVIDERS)("no command leaves something to fill in (%s)", (provider) => {
  for (const code of CODES) {
    const hint = hintFor(code, subjectOf(provider, "prod"));
    expect(hint).not.toMatch(/\b(GROUP|NAME)\b|<[a-z]+>/);
  }
});

it("a stack of the team's own names the variable of its passphrase, those of this machine need none", () => {
  for (const code of ["AUTH_WRONG", "MEMORY_HIGH", "TIMEOUT"] as const) {
    expect(hintFor(code, subjectOf("azure", "prod"))).toMatch(
      /, with PULUMI_CONFIG_PASSPHRASE set: npx propiq-cache .*--stack prod$/,
    );
    expect(hintFor(code, subjectOf("external", "dev"))).not.toContain("PASSPHRASE");
    expect(hintFor(code, subjectOf("native", "native"))).not.toContain("PASSPHRASE");
  }
});

it("what somebody else has changed is seen by the command that mends it", () => {
  for (const code of ["SETTINGS_DIFFER", "SETTINGS_REMOVED", "AUTH_WRONG", "PLAN_DIFFERS"] as const)
    expect(hintFor(code, subjectOf("azure", "prod"))).toMatch(/pulumi up --refresh --stack prod$/);
  expect(hintFor("MEMORY_HIGH", subjectOf("azure", "prod"))).toMatch(/pulumi up --stack prod$/);
});

it("an app is named as az wants it, where it is one alone", () => {
  const subject = subjectOf("azure", "prod");
  const app = { name: "outreach/staging", resourceGroup: "team-rg" };
  expect(hintFor("APP_NOT_USING_CACHE", { ...subject, apps: [app] })).toContain(
    "(az webapp restart --name outreach --resource-group team-rg --slot staging)",
  );
  for (const apps of [[], [app, app], [{ name: "outreach" }]])
    expect(hintFor("APP_NOT_USING_CACHE", { ...subject, apps })).not.toContain("az ");
});

it("a container is named as it is called, or found by our mark on it", () => {
  const docker = subjectOf("docker", "dev");
  expect(hintFor("BUSY_SCRIPT", { ...docker, cacheName: "my-redis" })).toContain(
    "docker exec my-redis redis-cli SCRIPT KILL",
  );
  expect(hintFor("TIMEOUT", docker)).toContain(
    "docker logs $(docker ps -alq --filter label=propiq-cache.stack=dev) ",
  );
});

it("without a stack, the check itself is the next command", () => {
  expect(hintFor("TIMEOUT", { enabled: true })).toMatch(/npx propiq-cache verify$|--deadline 30/);
  expect(hintFor("AUTH_WRONG", subjectOf("external"))).toMatch(/npx propiq-cache verify$/);
  const apps = [{ name: "outreach", resourceGroup: "team-rg" }];
  expect(hintFor("AUTH_WRONG", { ...subjectOf("external"), apps })).toMatch(
    /npx propiq-cache verify --app-name outreach --resource-group team-rg$/,
  );
});
