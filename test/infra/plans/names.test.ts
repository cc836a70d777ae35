import { describe, expect, it } from "vitest";
import { PLANS } from "../../../infra/plans/catalogue.ts";
import { cloudName, stackGuid, stackName } from "../../../infra/plans/names.ts";

const naming = {
  name: "propiq-redis",
  plan: "azure-managed-b0",
  scope: "11111111-2222-3333-4444-555555555555",
  project: "propiq-cache",
  stack: "prod",
} as const;

describe("a cache's name in the cloud", () => {
  it("says the stack's name and the family, and ends in eight digits of a hash", () => {
    expect(cloudName(naming)).toMatch(/^propiq-redis-azure-managed-b0-[0-9a-f]{8}$/);
  });

  it.each(PLANS)("is one that Azure takes, also for the longest name (%s)", (plan) => {
    const name = cloudName({ ...naming, plan, name: "a".repeat(24) });
    // Microsoft.Cache/redis: 1-63; redisEnterprise: ^(?=.{1,60}$)[A-Za-z0-9]+(-[A-Za-z0-9]+)*$
    expect(name.length).toBeLessThanOrEqual(60);
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it("has no two hyphens in a row", () => {
    expect(cloudName({ ...naming, name: "a--b" })).toMatch(/^a-b-azure/);
  });

  it("is the same each time, whatever the case of the subscription's id", () => {
    const scope = "abcdefab-2222-3333-4444-555555555555";
    expect(cloudName({ ...naming, scope: scope.toUpperCase() })).toBe(cloudName({ ...naming, scope }));
  });

  it.each([["scope"], ["project"], ["stack"]])("is another one with another %s", (key) => {
    expect(cloudName({ ...naming, [key]: "other" })).not.toBe(cloudName(naming));
  });

  it("is not the same where project and stack together spell the same", () => {
    const [one, other] = [
      { ...naming, project: "a", stack: "bc" },
      { ...naming, project: "ab", stack: "c" },
    ];
    expect(cloudName(one)).not.toBe(cloudName(other));
  });

  it("is one for all plans of Upstash, which share a database", () => {
    expect(cloudName({ ...naming, plan: "upstash-free" })).toBe(
      cloudName({ ...naming, plan: "upstash-payg" }),
    );
  });
});

describe("what a stack has once, whatever its plan", () => {
  const { plan: _, ...identity } = naming;

  it("bears the same hash as its caches", () => {
    const hash = cloudName(naming).split("-").at(-1);
    expect(stackName(identity, "alerts")).toBe(`propiq-redis-alerts-${hash}`);
  });

  it("is a GUID of its own for each stack and purpose, the same each time", () => {
    const guid = stackGuid(identity, "workbook");
    expect(guid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(stackGuid({ ...identity, scope: identity.scope.toUpperCase() }, "workbook")).toBe(guid);
    expect(stackGuid({ ...identity, stack: "staging" }, "workbook")).not.toBe(guid);
    expect(stackGuid(identity, "other")).not.toBe(guid);
  });
});
