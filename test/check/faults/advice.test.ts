import { describe, expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import { propiq } from "../../../base/command.ts";
import { adviceFor } from "../../../check/faults/advice.ts";
import { CODES, type Code } from "../../../check/report.ts";
import type { Provider, Subject } from "../../../check/subject.ts";
import { largerPlans } from "../../../infra/plans/catalogue.ts";

const hintFor = (code: Code, subject: Subject) => adviceText(adviceFor(code, subject));

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
  ...(plan === undefined ? {} : { plan, largerPlans: largerPlans(plan) }),
  target: { host: hosts[provider], port: 6380, tls: true, db: 0, password: "secret-0815" },
  provider,
  ...(stack === undefined ? {} : { stack }),
});

describe("every advice", () => {
  const all = PROVIDERS.flatMap((provider) =>
    CODES.map((code) => ({ code, provider, hint: hintFor(code, subjectOf(provider, "prod")) })),
  );

  it("ends in a command that can be typed as it is", () => {
    for (const { hint, code, provider } of all) {
      expect(hint, `${code} on ${provider}`).toMatch(
        /\nRun: \.\/propiq-cache (dev|(verify|advise|repair|rotate|pulumi up) --stack prod( --deadline 30)?)$/,
      );
    }
  });

  it("fits on a screen, and contains no secret and no missing value", () => {
    for (const { hint } of all) {
      expect(hint.length).toBeLessThan(560);
      expect(hint).not.toMatch(/undefined|NaN|secret-0815|\[object/);
    }
  });
});

it.each([
  ["calm-fox-1.upstash.io", "TLS_REQUIRED", /Upstash requires TLS/],
  ["Name.Redis.Cache.Windows.Net", "TCP_TIMEOUT", /allowedIps.*6380/],
  ["name.redis.cache.usgovcloudapi.net", "ACCESS_KEYS_DISABLED", /only Entra ID/],
  ["name.eastus.redis.azure.net", "TCP_TIMEOUT", /private endpoint.*10000/],
  ["name.eastus.redisenterprise.cache.azure.net", "CLUSTER_MOVED", /OSSCluster/],
  ["upstash.io.example", "TLS_REQUIRED", /^Write rediss:/],
] as const)(
  "a cache of which only the address is known gets the advice of its provider: %s",
  (host, code, words) => {
    const target = { host, port: 6380, tls: true, db: 0 };
    expect(hintFor(code, { enabled: true, target })).toMatch(words);
  },
);

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
    ["azure", "ACCESS_KEYS_DISABLED", /only Entra ID[\s\S]*prints false[\s\S]*propiq-azure-c0-1/],
    [
      "azure-managed",
      "ACCESS_KEYS_DISABLED",
      /only Entra ID[\s\S]*prints Enabled[\s\S]*propiq-b0.*accessKeysAuthentication/,
    ],
  ] as const)("%s, %s", (provider, code, words) => {
    expect(hintFor(code, subjectOf(provider, "prod"))).toMatch(words);
  });
});

it.each(PROVIDERS)("no command has a placeholder (%s)", (provider) => {
  for (const code of CODES) {
    const hint = hintFor(code, subjectOf(provider, "prod"));
    expect(hint).not.toMatch(/\b(GROUP|NAME)\b|<[a-z]+>/);
  }
});

it("a stack of a team names the variable of its passphrase, and local stacks require none", () => {
  for (const code of ["AUTH_WRONG", "MEMORY_HIGH", "TIMEOUT"] as const) {
    expect(hintFor(code, subjectOf("azure", "prod"))).toMatch(
      /Set PULUMI_CONFIG_PASSPHRASE to the passphrase of stack prod first\.[\s\S]*--stack prod$/,
    );
    expect(hintFor(code, subjectOf("external", "dev"))).not.toContain("PASSPHRASE");
    expect(hintFor(code, subjectOf("native", "native"))).not.toContain("PASSPHRASE");
  }
});

it("what another user changed is fixed by repair, and a wish of the config by up", () => {
  for (const code of ["SETTINGS_DIFFER", "SETTINGS_REMOVED", "AUTH_WRONG", "PLAN_DIFFERS"] as const)
    expect(hintFor(code, subjectOf("azure", "prod"))).toMatch(/ repair --stack prod$/);
  expect(hintFor("MEMORY_HIGH", subjectOf("azure", "prod"))).toMatch(/pulumi up --stack prod$/);
});

it("one app alone is named in the words of az", () => {
  const subject = subjectOf("azure", "prod");
  const app = { name: "outreach/staging", resourceGroup: "team-rg" };
  expect(hintFor("APP_NOT_USING_CACHE", { ...subject, apps: [app] })).toContain(
    "Run: az webapp restart --name outreach --resource-group team-rg --slot staging\n",
  );
  for (const apps of [[], [app, app], [{ name: "outreach" }]])
    expect(hintFor("APP_NOT_USING_CACHE", { ...subject, apps })).not.toContain("az ");
});

it("a container is named, or found by its label", () => {
  const docker = subjectOf("docker", "dev");
  expect(hintFor("BUSY_SCRIPT", { ...docker, cacheName: "my-redis" })).toContain(
    "docker exec my-redis redis-cli SCRIPT KILL",
  );
  expect(hintFor("TIMEOUT", docker)).toContain(
    'docker logs "$(docker ps -alq --filter label=propiq-cache.stack=dev)"\n',
  );
});

it("without a stack, the check itself is the next command", () => {
  expect(hintFor("LOADING", { enabled: true })).toMatch(/propiq-cache verify$/);
  expect(hintFor("AUTH_WRONG", subjectOf("external"))).toMatch(/propiq-cache verify$/);
  const apps = [{ name: "outreach", resourceGroup: "team-rg" }];
  expect(hintFor("AUTH_WRONG", { ...subjectOf("external"), apps })).toMatch(
    /propiq-cache verify --app-name outreach --resource-group team-rg$/,
  );
});

it("after a timeout, the check is repeated with more time, by the one command that can wait longer", () => {
  const hint = (...words: string[]) => hintFor("TIMEOUT", { enabled: true, again: propiq(...words) });
  expect(hintFor("TIMEOUT", { enabled: true })).toMatch(/propiq-cache verify --deadline 30$/);
  expect(hint("verify", "--app-name", "a")).toMatch(/verify --app-name a --deadline 30$/);
  expect(hint("verify", "--deadline", "60")).toMatch(/verify --deadline 60$/);
  expect(hint("on", "--stack", "prod")).toMatch(/propiq-cache on --stack prod$/);
  expect(hint("on", "--stack", "prod")).not.toContain("--deadline");
});
