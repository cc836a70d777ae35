import { describe, expect, it } from "vitest";
import { planOfCache } from "../../../infra/caches/azure/plan-of-cache.ts";
import { CATALOGUE, cloudOf, dataMb, PLANS, type Plan, skuOf } from "../../../infra/plans/catalogue.ts";

const memoryOf = (plan: Plan) => dataMb(plan) ?? 0;
const usdOf = (plan: Plan) => {
  const { price } = CATALOGUE[plan];
  return price.kind === "fixed" ? price.usd : undefined;
};

describe("the record of a plan", () => {
  it("names its size in the words of its provider, and no other plan has the same", () => {
    const skus = PLANS.flatMap((plan) => {
      const facts = CATALOGUE[plan];
      return "sku" in facts ? [JSON.stringify([facts.provider, facts.sku])] : [];
    });
    expect(new Set(skus).size).toBe(skus.length);
    expect(skuOf("azure", "azure-c0")).toEqual({ name: "Basic", family: "C", capacity: 0 });
    expect(skuOf("azure", "azure-managed-b0")).toBeUndefined();
    expect(skuOf("upstash", "upstash-fixed-1gb")).toBe("fixed_1gb");
  });

  it("has a price with the month and place where it was read, unless the plan is free on this machine", () => {
    for (const plan of PLANS) {
      const { price } = CATALOGUE[plan];
      const hasPriceList = ["azure", "upstash"].includes(cloudOf(plan));
      expect([plan, /^\d{4}-\d{2}$/.test(price.readOn ?? "")]).toEqual([plan, hasPriceList]);
      expect([plan, price.source !== undefined]).toEqual([plan, hasPriceList]);
    }
  });

  it("names larger plans that are in the same cloud, as available, and larger", () => {
    for (const plan of PLANS) {
      const { larger = {}, highAvailability, maxConnections } = CATALOGUE[plan];
      for (const next of Object.values(larger as Record<string, Plan>)) {
        expect([plan, cloudOf(next)]).toEqual([plan, cloudOf(plan)]);
        expect([plan, CATALOGUE[next].highAvailability]).toEqual([plan, highAvailability]);
        expect([plan, CATALOGUE[next].retires]).toEqual([plan, undefined]);
      }
      const { memory, connections } = larger;
      if (memory !== undefined) expect(memoryOf(memory), plan).toBeGreaterThan(memoryOf(plan));
      if (connections !== undefined) {
        expect(CATALOGUE[connections].maxConnections, plan).toBeGreaterThan(maxConnections ?? 0);
      }
    }
  });

  it("says of a plan that ends which one succeeds it", () => {
    for (const plan of PLANS) {
      const { retires, highAvailability } = CATALOGUE[plan];
      if (retires === undefined) continue;
      expect(retires.on).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      expect(CATALOGUE[retires.successor].retires).toBeUndefined();
      expect([plan, CATALOGUE[retires.successor].highAvailability]).toEqual([plan, highAvailability]);
    }
  });

  it("costs more with high availability", () => {
    for (const plan of PLANS.filter((each) => each.endsWith("-ha"))) {
      const single = plan.slice(0, -"-ha".length) as Plan;
      expect(CATALOGUE[single].highAvailability).toBe(false);
      expect(usdOf(plan)).toBeGreaterThan(usdOf(single) ?? Number.POSITIVE_INFINITY);
    }
  });

  it("is found by a size in Azure", () => {
    const size = { service: "azure", sku: "Standard C1", highAvailability: true } as const;
    expect(planOfCache(size)).toBe("azure-standard-c1");
    expect(planOfCache({ ...size, sku: "Premium P1" })).toBeUndefined();
  });
});
