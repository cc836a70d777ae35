import { describe, expect, it } from "vitest";
import { MARK_NAMES } from "../../../infra/azure/tags.ts";
import { type Intent, type ResourceView, RULES } from "../../../infra/policy/rules.ts";

const REDIS = "azure-native:redis:Redis";
const CLUSTER = "azure-native:redisenterprise:RedisEnterprise";
const DATABASE = "azure-native:redisenterprise:Database";
const UPSTASH = "upstash:index/redisDatabase:RedisDatabase";
const APP = "propiq:index:AppSettings";

const tags = Object.fromEntries(MARK_NAMES.map((tag) => [tag, "x"]));
const intended = (more: Partial<Intent> = {}): Intent => ({
  plan: "azure-c0",
  standby: [],
  privateAccess: false,
  ...more,
});
const resource = (type: string, props: Record<string, unknown> = {}, name = "a"): ResourceView => ({
  type,
  name,
  props,
});
const good = {
  redis: resource(REDIS, { minimumTlsVersion: "1.2", publicNetworkAccess: "Disabled", tags }),
  cluster: resource(CLUSTER, { minimumTlsVersion: "1.2", publicNetworkAccess: "Disabled", tags }),
  database: resource(DATABASE, { clientProtocol: "Encrypted" }),
  upstash: resource(UPSTASH, { tls: true }),
  alert: resource("azure-native:monitor:MetricAlert", { tags }),
};

/** The names of the rules that a stack breaks. */
function broken(resources: readonly ResourceView[], intent = intended()): string[] {
  return RULES.filter(
    ({ ofResource, ofStack }) =>
      ofStack?.(resources, intent) !== undefined ||
      resources.some((view) => ofResource?.(view, intent) !== undefined),
  ).map(({ name }) => name);
}

describe("the policy", () => {
  it("has nothing against what this project makes", () => {
    const all = intended({
      plan: "azure-c0",
      standby: ["azure-managed-b0", "upstash-free"],
      privateAccess: true,
    });
    expect(broken([...Object.values(good), resource(APP)], all)).toEqual([]);
  });

  it("refuses a config that alone decides where credentials go", () => {
    const config = intended({ foreignHosts: ["azure-native:metadataHost"] });
    expect(broken([good.redis], config)).toEqual(["microsoft-clouds"]);
  });

  it.each<[string, ResourceView, Partial<Intent>, string]>([
    [
      "a plain port of Azure Cache",
      resource(REDIS, { ...good.redis.props, enableNonSslPort: true }),
      {},
      "no-plaintext-port",
    ],
    [
      "a plain protocol of Managed Redis",
      resource(DATABASE, { clientProtocol: "Plaintext" }),
      {},
      "no-plaintext-port",
    ],
    ["TLS 1.0", resource(REDIS, { ...good.redis.props, minimumTlsVersion: "1.0" }), {}, "tls-1-2"],
    ["no word on the version of TLS", resource(CLUSTER, { tags }), {}, "tls-1-2"],
    ["Upstash without TLS", resource(UPSTASH, {}), {}, "tls-1-2"],
    [
      "public access where private is asked",
      resource(REDIS, { ...good.redis.props, publicNetworkAccess: "Enabled" }),
      { privateAccess: true },
      "private-where-asked",
    ],
    ["missing tags", resource(REDIS, { minimumTlsVersion: "1.2" }), {}, "tagged"],
    ["an alert rule without tags", resource("azure-native:monitor:MetricAlert"), {}, "tagged"],
    ["a group that mails without tags", resource("azure-native:monitor:ActionGroup"), {}, "tagged"],
    ["a workbook without tags", resource("azure-native:applicationinsights:Workbook"), {}, "tagged"],
    [
      "an empty tag",
      resource(CLUSTER, { minimumTlsVersion: "1.2", tags: { ...tags, [MARK_NAMES[0] ?? ""]: "" } }),
      {},
      "tagged",
    ],
  ])("stops %s", (_, view, intent, rule) => {
    expect(broken([view], intended(intent))).toEqual([rule]);
  });

  it("stops a second cache that standby does not name", () => {
    expect(broken([good.redis, good.upstash])).toEqual(["one-cache"]);
    expect(broken([good.redis, good.upstash], intended({ standby: ["upstash-free"] }))).toEqual([]);
  });

  it("prevents the deletion of the only cache while an app is wired to it", () => {
    expect(broken([resource(APP)])).toEqual(["wired-to-a-cache"]);
    expect(broken([])).toEqual([]);
  });

  it("has a rule's name once, and words for each", () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
    for (const { description } of RULES) expect(description).toMatch(/^[A-Z].*\.$/);
  });
});
