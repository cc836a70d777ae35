import { describe, expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import { type AzureContext, explainRefusal } from "../../../infra/azure/refusals.ts";
import { PLANS } from "../../../infra/plans/catalogue.ts";
import type { Explanation } from "../../../infra/refusals/refusal.ts";
import type { ArmRefusal } from "../../../rehearsal/azure/message.ts";
import { refusals } from "../../../rehearsal/azure/refusals.ts";
import { accessKeysDisabled } from "../../../rehearsal/azure/services/redis-enterprise-rules.ts";

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const context: AzureContext = {
  stack: "prod",
  plan: "azure-c0",
  name: "propiq-redis-azure-c0-1a2b3c4d",
  prefix: "propiq-redis",
  subscriptionId: SUBSCRIPTION,
  resourceGroup: "propiq-rg",
  location: "eastus",
};
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/propiq-rg`;

/** The next steps, as users read them. */
const hintOf = (found: Explanation | undefined): string =>
  found === undefined ? "" : adviceText(found.next);

/** As Pulumi's provider words an answer of Azure. */
const asProviderSays = ({ status, code, message }: ArmRefusal): string =>
  `Status=${status} Code="${code}" Message="${message}"`;
/** As our own client words it. */
const asClientSays = ({ code, message }: ArmRefusal): string => `${code}: ${message}`;

const CASES: readonly (readonly [string, ArmRefusal, Partial<AzureContext>, string, RegExp])[] = [
  [
    "the retirement, with the successor, its price and both commands",
    refusals.retired(),
    {},
    "CACHE_RETIRED",
    /azure-managed-b0 .*\$11\.68 a month\.[\s\S]*\nRun: \.\/propiq-cache pulumi config set plan azure-managed-b0 --stack prod\nRun: \.\/propiq-cache pulumi up --stack prod$/,
  ],
  [
    "the retirement of a Standard plan, with a highly available successor",
    refusals.retired(),
    { plan: "azure-standard-c1" },
    "CACHE_RETIRED",
    /config set plan azure-managed-b1-ha --stack prod/,
  ],
  ["the retirement of Enterprise", refusals.enterpriseRetired(), {}, "CACHE_RETIRED", /azure-managed-b0/],
  [
    "a region without room, with another region and another size",
    refusals.insufficientCapacity(),
    { plan: "azure-managed-b0", location: "eastus2" },
    "NO_CAPACITY",
    /another size: plan azure-managed-b1, about \$23\.36 a month[\s\S]*azure\.location centralus --stack prod\n.*config set plan azure-managed-b1 --stack prod/,
  ],
  [
    "a name that somebody else has, with another",
    refusals.nameTaken(),
    {},
    "NAME_TAKEN",
    /config set name propiq-redis-2 --stack prod/,
  ],
  [
    "an action that is not allowed, with the role that gives it, for whom, and where",
    refusals.unauthorized(
      "client-1",
      "object-1",
      "Microsoft.Cache/redis/write",
      `${GROUP}/providers/Microsoft.Cache/redis/x`,
    ),
    {},
    "NOT_ALLOWED",
    new RegExp(
      `az role assignment create --assignee client-1 --role 'Redis Cache Contributor' --scope ${GROUP}`,
    ),
  ],
  [
    "an action on Managed Redis, which the role for Redis does not give",
    refusals.unauthorized(
      "client-1",
      "object-1",
      "Microsoft.Cache/redisEnterprise/write",
      `${GROUP}/providers/Microsoft.Cache/redisEnterprise/x`,
    ),
    {},
    "NOT_ALLOWED",
    /--role Contributor /,
  ],
  [
    "a provider that is not registered, with the command that registers it",
    refusals.unregistered("Microsoft.Cache"),
    {},
    "PROVIDER_UNREGISTERED",
    new RegExp(`az provider register --namespace Microsoft\\.Cache --subscription ${SUBSCRIPTION} --wait`),
  ],
  [
    "a policy, by its name",
    refusals.disallowedByPolicy("x", "deny-public-redis"),
    {},
    "POLICY",
    /az policy assignment list --resource-group propiq-rg/,
  ],
  [
    "access keys that are switched off",
    accessKeysDisabled(),
    { plan: "azure-managed-b0", name: "c" },
    "ACCESS_KEYS_DISABLED",
    /az resource patch --ids \S+redisEnterprise\/c\/databases\/default --properties '\{"accessKeysAuthentication":"Enabled"\}'/,
  ],
  [
    "a sign-in that ran out in the middle",
    refusals.tokenExpired(new Date()),
    {},
    "SIGN_IN_EXPIRED",
    /Sign in again.*az login.*\.\/propiq-cache pulumi up --stack prod/s,
  ],
  [
    "a group that is not there",
    refusals.groupNotFound("propiq-rg"),
    {},
    "NO_GROUP",
    /az group create --name propiq-rg --location eastus/,
  ],
  [
    "a subscription that is not there",
    refusals.subscriptionNotFound(SUBSCRIPTION),
    {},
    "NO_SUBSCRIPTION",
    /az account list/,
  ],
  ["a cache that is busy", refusals.busy(`${GROUP}/x`), {}, "BUSY", /Wait a minute/],
  ["too many requests", refusals.throttled(1), {}, "BUSY", /Wait a minute/],
  [
    "a trouble of its own",
    refusals.serverError(),
    {},
    "TROUBLE",
    /The next update deletes what is incomplete/,
  ],
];

describe("a refusal of Azure", () => {
  it.each(CASES)("is explained: %s", (_, refusal, more, code, hint) => {
    for (const text of [asProviderSays(refusal), asClientSays(refusal)]) {
      const found = explainRefusal(text, { ...context, ...more });
      expect(found?.code).toBe(code);
      expect(hintOf(found)).toMatch(hint);
    }
  });

  it.each([
    ["AADSTS700082: The refresh token has expired due to inactivity.", "SIGN_IN_EXPIRED"],
    ["AADSTS700024: Client assertion is not within its valid time range.", "SIGN_IN_EXPIRED"],
    ["AADSTS7000215: Invalid client secret provided.", "SIGN_IN_REFUSED"],
    ["AADSTS7000222: The provided client secret keys are expired.", "SIGN_IN_REFUSED"],
  ])("distinguishes an expired sign-in from one that was never valid: %s", (text, code) => {
    expect(explainRefusal(text, context)?.code).toBe(code);
  });

  it.each([
    'Status=200 Message="{"name":"1484","status":"Failed","startTime":"2026-11-24T01:51:47Z"}"',
    'Status=500 Message=""""',
    'Put "https://management.azure.com/x": EOF',
    'Put "https://management.azure.com/x": read: connection reset by peer',
  ])("is distinguished from a temporary failure without an explanation: %s", (text) => {
    expect(explainRefusal(text, context)?.code).toBe("TROUBLE");
  });

  it.each([
    ["azure-native:redis:listRedisKeys", refusals.notFound("Microsoft.Cache/Redis", "c", "g")],
    [
      "azure-native:redisenterprise:listDatabaseKeys",
      refusals.notFound("Microsoft.Cache/redisEnterprise", "c", "g"),
    ],
  ])("reports a cache whose keys cannot be found as deleted: %s", (token, refusal) => {
    const text = `invocation of ${token} returned an error: ${asProviderSays(refusal)}`;
    const found = explainRefusal(text, context);
    expect(found?.code).toBe("CACHE_GONE");
    expect(hintOf(found)).toMatch(/ off --stack prod\nRun: \.\/propiq-cache repair --stack prod/);
    expect(explainRefusal(asProviderSays(refusal), context)?.code).not.toBe("CACHE_GONE");
  });

  it("names what is not allowed, and to whom", () => {
    const refusal = refusals.unauthorized("client-1", "object-1", "Microsoft.Cache/redis/write", GROUP);
    const happened = explainRefusal(asProviderSays(refusal), context)?.happened;
    expect(happened).toBe(`The identity client-1 may not do Microsoft.Cache/redis/write on ${GROUP}.`);
  });

  it("names the policy that denies", () => {
    const refusal = refusals.disallowedByPolicy("x", "deny-public-redis");
    expect(explainRefusal(asProviderSays(refusal), context)?.happened).toContain("deny-public-redis");
    const escaped = asProviderSays(refusal).replaceAll('"', '\\"');
    expect(explainRefusal(escaped, context)?.happened).toContain("deny-public-redis");
  });

  it("has no duplicate names, and keeps names short enough", () => {
    const hintFor = (prefix: string) =>
      hintOf(explainRefusal(asProviderSays(refusals.nameTaken()), { ...context, prefix }));
    expect(hintFor("cache-2")).toContain("name cache-3 ");
    const [, long = ""] = /config set name (\S+)/.exec(hintFor("a-name-of-24-characters1")) ?? [];
    expect(long).toMatch(/^[a-z0-9-]{1,22}-2$/);
  });

  it("never puts Azure's text into a command as it came", () => {
    const hostile = "x'; rm -rf ~ #";
    const text = `Code="AuthorizationFailed" The client '${hostile}' does not have authorization to perform action 'a\u001b[31m' over scope '$(id)'`;
    const found = explainRefusal(text, context);
    expect(hintOf(found)).not.toContain("rm -rf");
    expect(hintOf(found)).not.toContain("$(id)");
    expect(found?.happened).not.toContain("\u001b");
  });

  it.each(PLANS.filter((plan) => plan.startsWith("azure")))("has a way out of no room for %s", (plan) => {
    const refusal = explainRefusal(asProviderSays(refusals.insufficientCapacity()), { ...context, plan });
    expect(hintOf(refusal)).toMatch(/config set plan azure-/);
    expect(`${refusal?.happened}${hintOf(refusal)}`).not.toMatch(/undefined|NaN/);
  });

  it("is left alone where it is not known", () => {
    expect(
      explainRefusal('Status=400 Code="SomethingNew" Message="Not heard of before."', context),
    ).toBeUndefined();
  });
});
