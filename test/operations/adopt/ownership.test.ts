import { describe, expect, it } from "vitest";
import { ownershipIn } from "../../../operations/adopt/ownership.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::propiq-cache::${type}::${name}`;

describe("what a preview would do", () => {
  it("is a change of ownership where caches are only read", () => {
    const found = ownershipIn([
      { op: "create", urn: urn("pulumi:pulumi:Stack", "propiq-cache-prod") },
      { op: "create", urn: urn("propiq:cache:Azure", "azure-c0") },
      { op: "read", urn: urn("propiq:cache:Azure$azure-native:redis:Redis", "azure-c0-adopted") },
      { op: "create", urn: urn("propiq:index:VerifiedCache", "proof") },
      { op: "create", urn: urn("propiq:index:AppSettings", "luntra-outreach-app") },
    ]);
    expect(found).toEqual({ beyond: [], takenOver: ["luntra-outreach-app"] });
  });

  it.each([
    ["create", "propiq:cache:Azure$azure-native:redis:Redis"],
    ["update", "azure-native:redisenterprise:Database"],
    ["delete", "upstash:index/redisDatabase:RedisDatabase"],
    ["replace", "azure-native:redis:Redis"],
    ["create", "propiq:index:ResourceGroup"],
    ["update", "propiq:index:UpstashPlan"],
    ["delete", "propiq:index:AppSettings"],
  ])("is more than that where it would %s a %s", (op, type) => {
    expect(ownershipIn([{ op, urn: urn(type, "x") }]).beyond).toEqual([`${op} ${type.split("$").at(-1)} x`]);
  });
});

it("alerts on the cache are no change of the cache, and their removal is one", () => {
  const alert = urn("azure-native:monitor:MetricAlert", "memory");
  expect(ownershipIn([{ op: "create", urn: alert }]).beyond).toEqual([]);
  expect(ownershipIn([{ op: "delete", urn: alert }]).beyond).toHaveLength(1);
});
