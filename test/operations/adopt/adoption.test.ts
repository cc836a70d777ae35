import { describe, expect, it } from "vitest";
import type { AzureCache } from "../../../infra/azure/list.ts";
import { planOfCache } from "../../../infra/caches/azure/plan-of-cache.ts";
import { planOfDatabase } from "../../../infra/caches/upstash/wish.ts";
import { settingsFor } from "../../../infra/contract/app-settings.ts";
import { DEFAULT_PREFIX, DEFAULT_TTL } from "../../../infra/contract/table.ts";
import { parseSettings } from "../../../infra/settings/settings.ts";
import { adoptionOf, type Found } from "../../../operations/adopt/adoption.ts";

const settings = (config: Record<string, string> = {}) =>
  parseSettings({ plan: "upstash-free", app: "{}", ...config }, { stack: "prod", isSecret: () => true });
const target = { host: "c.example", port: 6380, tls: true, db: 0, password: "p/+%" };
const cache: AzureCache = {
  ...{ id: "/c", name: "by-hand", service: "azure", resourceGroup: "propiq-rg", location: "eastus" },
  ...{ hostName: "c.example", state: "Succeeded", sku: "Basic C0", highAvailability: false, tags: {} },
};
const azure = (
  more: Partial<AzureCache> = {},
  keySlot: "primary" | "secondary" | undefined = "primary",
): Found => ({
  ...{ kind: "azure", cache: { ...cache, ...more }, keySlot, target },
});
const held = {
  ...settingsFor({ enabled: true, target, ttl: DEFAULT_TTL, prefix: DEFAULT_PREFIX }),
} as Record<string, string>;
const written = (
  found: Found,
  from = held,
  current: Record<string, unknown> = { plan: "upstash-free" },
  more = {},
) =>
  Object.fromEntries(
    adoptionOf(found, from, current, settings(more)).changes.map(({ path, value }) => [
      path.join("."),
      value,
    ]),
  );

describe("the plan of a cache made by hand", () => {
  it.each([
    ["azure", "Basic C0", false, "azure-c0"],
    ["azure", "Standard C1", true, "azure-standard-c1"],
    ["azure", "Standard C2", true, undefined],
    ["azure", "Premium P1", true, undefined],
    ["azure-managed", "Balanced_B0", false, "azure-managed-b0"],
    ["azure-managed", "Balanced_B1", true, "azure-managed-b1-ha"],
    ["azure-managed", "Balanced_B3", true, undefined],
  ] as const)("%s %s, highly available %s: %s", (service, sku, highAvailability, plan) => {
    expect(planOfCache({ ...cache, service, sku, highAvailability })).toBe(plan);
  });

  it("is that of its billing at Upstash", () => {
    expect(planOfDatabase({ plan: "fixed_250mb" })).toBe("upstash-fixed-250mb");
    expect(planOfDatabase({ plan: undefined })).toBeUndefined();
  });
});

describe("the config that adoption writes", () => {
  it("holds only values that differ from the default and are not set yet", () => {
    expect(written(azure())).toEqual({ plan: "azure-c0", "azure.adopt": "by-hand" });
    expect(written(azure(), held, { plan: "azure-c0", azure: { adopt: "by-hand" } })).toEqual({});
  });

  it("says where the cache is, where it is elsewhere", () => {
    expect(written(azure({ resourceGroup: "other-rg", location: "westeurope" }))).toMatchObject({
      "azure.resourceGroup": "other-rg",
      "azure.location": "westeurope",
    });
    // What pointed elsewhere before must not stay.
    const before = {
      plan: "azure-c0",
      azure: { adopt: "by-hand", resourceGroup: "elsewhere" },
      keySlot: "secondary",
    };
    expect(written(azure(), held, before)).toEqual({ "azure.resourceGroup": undefined, keySlot: undefined });
  });

  it("removes what does not fit the new plan", () => {
    const before = { plan: "external", url: { secure: "x" }, external: { memoryMb: 5 } };
    expect(written(azure(), held, before)).toMatchObject({
      url: undefined,
      external: undefined,
      plan: "azure-c0",
    });
  });

  it("keeps the app's own times and whether it is on", () => {
    const off = { ...held, REDIS_ENABLED: "false", CACHE_TTL_DAY: "7200", CACHE_TTL_LONG: "soon" };
    expect(written(azure(), off)).toMatchObject({ enabled: false, "ttl.day": 7200 });
    expect(written(azure(), off)).not.toHaveProperty("ttl.long");
    expect(
      written(azure(), held, { plan: "azure-c0", azure: { adopt: "by-hand" }, enabled: "false" }),
    ).toEqual({ enabled: undefined });
  });

  it("raises a budget that the current cost would exceed", () => {
    expect(written(azure({ sku: "Standard C1" }))["monthlyBudgetUsd"]).toBe(101);
    expect(written(azure())).not.toHaveProperty("monthlyBudgetUsd");
    expect(written(azure({ sku: "Standard C1" }), held, {}, { monthlyBudgetUsd: "500" })).not.toHaveProperty(
      "monthlyBudgetUsd",
    );
  });

  it("holds a database's id, regions and cap at Upstash", () => {
    const database = {
      ...{ id: "d1", name: "by-hand", host: "c.example", port: 6379, state: "active", plan: "payg" as const },
      ...{ modifying: "", budget: 40, primaryRegion: "eu-west-1", readRegions: ["us-east-1"], createdAt: 0 },
    };
    expect(written({ kind: "upstash", database, target })).toEqual({
      plan: "upstash-payg",
      "upstash.adopt": "d1",
      "upstash.primaryRegion": "eu-west-1",
      "upstash.readRegions": ["us-east-1"],
      "upstash.budget": 40,
      monthlyBudgetUsd: 40,
    });
  });
});

describe("the report of an adoption", () => {
  it("names the keys that remain, change their form, or are added", () => {
    const { REDIS_DB: _, ...rest } = held;
    const { keys } = adoptionOf(
      azure(),
      { ...rest, REDIS_URL: "rediss://:p%2F%2B%25@c.example:6380" },
      {},
      settings(),
    );
    expect(keys.changed).toEqual(["REDIS_URL"]);
    expect(keys.added).toEqual(["REDIS_DB"]);
    expect(keys.same).toContain("REDIS_PASSWORD");
    expect(adoptionOf(azure(), held, {}, settings()).keys).toMatchObject({ changed: [], added: [] });
  });

  it("names a key that does not belong to the cache, and a database that will change", () => {
    const unknown: Found = { kind: "azure", cache, keySlot: undefined, target };
    expect(adoptionOf(unknown, held, {}, settings()).notes[0]).toContain("not one of the cache's two keys");
    expect(adoptionOf(azure(), { ...held, REDIS_DB: "3" }, {}, settings()).notes[0]).toContain("database 3");
    expect(adoptionOf(azure(), { REDIS_URL: "redis://h/4" }, {}, settings()).notes[0]).toContain(
      "database 4",
    );
  });
});

describe("the keys of an adopted app", () => {
  const other = { ...settings(), stack: "staging" };
  const prefixIn = (app: Readonly<Record<string, string>>) =>
    adoptionOf(azure(), app, {}, other).changes.find(({ path }) => path[0] === "keyPrefix");

  it("remain where they are in a stack whose default is another prefix", () => {
    expect(prefixIn(held)).toMatchObject({ value: "propiq" });
    expect(prefixIn({ ...held, CACHE_PREFIX: "mine" })).toMatchObject({ value: "mine" });
  });
});
