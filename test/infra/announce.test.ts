import { describe, expect, it } from "vitest";
import { replacementLines, wiringLines } from "../../infra/announce.ts";
import { parseSettings } from "../../infra/settings/settings.ts";

const settings = (config: Record<string, string>) =>
  parseSettings({ app: "{}", monthlyBudgetUsd: "500", ...config }, { stack: "prod", isSecret: () => false });
const lines = (before: string, config: Record<string, string>) =>
  replacementLines({ plan: before }, settings(config)).join("\n");

describe("a preview of another plan", () => {
  it("says when the previous cache is deleted, and how to keep it", () => {
    expect(lines("azure-c0", { plan: "azure-managed-b0", drainSeconds: "45" })).toBe(
      "The cache of plan azure-c0 is removed 45 s after the app was seen on the new one. To keep it running beside the new one: ./propiq-cache pulumi config set --path 'standby[0]' azure-c0 --stack prod",
    );
    expect(lines("azure-c0", { plan: "upstash-free", standby: '["azure-managed-b0"]' })).toContain(
      "standby[1]",
    );
    expect(lines("upstash-free", { plan: "azure-c0", app: "[]" })).toContain(
      "when the settings of the new one are written",
    );
  });

  it.each([
    ["azure-c1", "/subscriptions/s/resourcegroups/g/providers/microsoft.cache/redis/by-hand Basic-C1 aa"],
    ["upstash-free", "upstash-database-1 adopted aa"],
  ])("says that an adopted cache remains, and does not advise a second one: %s", (plan, cache) => {
    expect(replacementLines({ plan, cache }, settings({ plan: "external", url: "redis://h" }))).toEqual([
      `The cache of plan ${plan} was adopted, not made here: it stays as it is.`,
    ]);
  });

  it.each([
    ["azure-c1", "/subscriptions/s/…/redis/propiq-redis-azure-c1-0a1b2c3d Basic-C1 aa"],
    ["upstash-free", "upstash-database-1 free aa"],
  ])("knows a cache of the stack's own by its identity: %s", (plan, cache) => {
    const [line] = replacementLines({ plan, cache }, settings({ plan: "external", url: "redis://h" }));
    expect(line).toContain("is removed");
  });

  it.each<[string, string, Record<string, string>]>([
    ["of one family", "upstash-free", { plan: "upstash-payg" }],
    ["kept in standby", "azure-c0", { plan: "azure-managed-b0", standby: '["azure-c0"]' }],
    ["resized in place", "azure-c1", { plan: "azure-standard-c1", azure: '{"resize":"in-place"}' }],
    ["that is somebody else's", "external", { plan: "azure-c0" }],
  ])("says nothing of a cache %s", (_, before, config) => {
    expect(lines(before, config)).toBe("");
  });
});

describe("a preview of an app's settings", () => {
  const app = { name: "shop", resourceGroup: "rg" };

  it("says what restarts, where, and as whom", () => {
    const [line] = wiringLines(app, "sub-1", { ARM_CLIENT_ID: "c1", ARM_CLIENT_SECRET: "hunter2" });
    expect(line).toBe(
      "shop (resource group rg, subscription sub-1) restarts when its settings are written (not where it has them already, as after off or on); its other settings stay as they are. Signed in by a client secret of client c1.",
    );
    expect(wiringLines({ ...app, slot: "staging" }, "sub-1", {})[0]).toMatch(
      /^shop, slot staging .*by az login\.$/,
    );
  });
});
