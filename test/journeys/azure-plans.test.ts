// @module-tag pipeline
/** Caches in Azure on every plan: made, proven, wired into an env file, changed and deleted. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertRules } from "../../infra/alerts/rules.ts";
import { CATALOGUE, type Plan } from "../../infra/plans/catalogue.ts";
import { monitorIn, rulesIn } from "../../rehearsal/azure/monitor.ts";
import { type AzureStack, startAzureStack } from "../support/azure-stack.ts";
import { passes, STORY } from "../support/parts.ts";

let stack: AzureStack;
beforeAll(async () => {
  stack = await startAzureStack();
  await stack.set("alerts.emails[0]", "ops@example.com");
});
afterAll(async () => {
  await stack?.stop();
});

const PLANS = [
  "azure-c0",
  "azure-c1",
  "azure-standard-c0",
  "azure-standard-c1",
  "azure-managed-b0",
  "azure-managed-b1",
  "azure-managed-b0-ha",
  "azure-managed-b1-ha",
] as const satisfies readonly Plan[];

for (const [rows, pass] of passes(PLANS, PLANS.indexOf("azure-c0"), PLANS.indexOf("azure-managed-b1-ha"))) {
  describe.each(rows)("a stack on plan %s", { ...pass, ...STORY }, (plan) => {
    it("previews what will happen, and changes nothing", async () => {
      await stack.set("plan", plan);
      const before = stack.writes().length;
      const preview = await stack.well("preview");
      expect(preview.all).toMatch(new RegExp(`propiq-redis-${plan}-[0-9a-f]{8}`));
      expect(preview.all).toContain("starts empty");
      const { retires } = CATALOGUE[plan];
      expect(preview.all.includes("config set plan azure-managed-")).toBe(retires !== undefined);
      expect(stack.writes().length).toBe(before);
    });

    it("gets a proven cache with the plan's size, wired, and then has nothing left to do", async () => {
      await stack.well("up", "--yes", "--skip-preview");
      const [cache] = stack.azure.caches();
      expect(stack.azure.caches()).toHaveLength(1);
      const env = await stack.env();
      expect(env).toMatchObject({
        REDIS_HOST: cache?.host,
        REDIS_PORT: String(CATALOGUE[plan].provider === "azure" ? 6380 : 10_000),
        REDIS_TLS: "true",
        REDIS_PASSWORD: cache?.keys.primary,
      });
      expect(await cache?.redis.call("CONFIG", "GET", "maxmemory-policy")).toContain("allkeys-lru");
      expect(rulesIn(stack.azure).map(({ name, threshold }) => `${name} ${threshold}`)).toEqual(
        expect.arrayContaining(
          alertRules(plan, "dev").map(({ kind, threshold }) => `${cache?.name}-${kind} ${threshold}`),
        ),
      );
      await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
      await stack.well("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    });

    it("has no key in the clear in its state", async () => {
      const { primary = "", secondary = "" } = stack.azure.caches()[0]?.keys ?? {};
      const state = await stack.project.state("dev");
      for (const key of [primary, secondary]) {
        expect(state).not.toContain(key);
        expect(state).not.toContain(encodeURIComponent(key));
      }
    });

    it("is deleted by destroy, and the group and what else is in it are not", async () => {
      await stack.well("destroy", "--yes", "--skip-preview");
      expect(stack.azure.caches()).toEqual([]);
      expect(await stack.env()).toEqual({});
      expect(monitorIn(stack.azure)).toEqual([]);
      expect(stack.azure.events.some(({ what }) => what === "group deleted")).toBe(false);
    });
  });
}
