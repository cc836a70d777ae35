import { describe, expect, it } from "vitest";
import { azureWish, cacheId, isOwnName } from "../../../../infra/caches/azure/wish.ts";
import type { Plan } from "../../../../infra/plans/catalogue.ts";
import { parseSettings, type Settings } from "../../../../infra/settings/settings.ts";

const place = { subscriptionId: "11111111-2222-3333-4444-555555555555", project: "propiq-cache" };
const settingsOf = (plan: Plan, azure: object = {}, more: Record<string, string> = {}): Settings =>
  parseSettings({ plan, azure: JSON.stringify(azure), ...more }, { stack: "test", isSecret: () => false });

describe("what a stack requests from Azure", () => {
  it("has the defaults of the contract without any azure settings", () => {
    const settings = parseSettings({ plan: "azure-c0" }, { stack: "test", isSecret: () => false });
    expect(azureWish(settings, "azure-c0", place)).toMatchObject({
      resourceGroup: "propiq-rg",
      location: "eastus",
      adopted: false,
      keySlot: "primary",
      network: { access: "public", allowedIps: [] },
      growsFrom: [],
    });
  });

  it("names a cache by its own plan, active or not", () => {
    const active = azureWish(settingsOf("azure-c0", {}), "azure-c0", place);
    const settings = settingsOf("azure-managed-b0", {}, { standby: '["azure-c0"]' });
    expect(azureWish(settings, "azure-c0", place).name).toBe(active.name);
    expect(azureWish(settings, "azure-managed-b0", place).name).not.toBe(active.name);
  });

  it("adopts the active plan's cache alone", () => {
    const settings = settingsOf("azure-c1", { adopt: "by-hand" }, { standby: '["azure-c0"]' });
    expect(azureWish(settings, "azure-c1", place)).toMatchObject({ name: "by-hand", adopted: true });
    expect(azureWish(settings, "azure-c0", place)).toMatchObject({ adopted: false });
  });

  it("recognizes a cache of its own that the config adopts, in any letter case", () => {
    const settings = settingsOf("azure-c0");
    const { name } = azureWish(settings, "azure-c1", place);
    expect(isOwnName(settings, name.toUpperCase(), place)).toBe(true);
    expect(isOwnName(settings, "by-hand", place)).toBe(false);
    const renamed = settingsOf("azure-c0", {}, { name: "another" });
    expect(isOwnName(renamed, name, place)).toBe(true);
    expect(isOwnName(renamed, name, { ...place, project: "another" })).toBe(false);
  });

  it("grows in place from the other plans of its service", () => {
    const settings = settingsOf("azure-c1", { resize: "in-place" }, { standby: '["azure-managed-b0"]' });
    expect(azureWish(settings, "azure-c1", place).growsFrom).toEqual([
      "azure-c0",
      "azure-standard-c0",
      "azure-standard-c1",
    ]);
    const adopting = settingsOf("azure-c1", { resize: "in-place", adopt: "by-hand" });
    expect(azureWish(adopting, "azure-c1", place).growsFrom).toEqual([]);
  });

  it("finds a cache by its service", () => {
    const wish = { ...place, resourceGroup: "g" };
    expect(cacheId({ ...wish, plan: "azure-c0" }, "n")).toMatch(/Microsoft\.Cache\/redis\/n$/);
    expect(cacheId({ ...wish, plan: "azure-managed-b0" }, "n")).toMatch(
      /Microsoft\.Cache\/redisEnterprise\/n$/,
    );
  });
});
