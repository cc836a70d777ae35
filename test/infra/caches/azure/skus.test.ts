import { describe, expect, it } from "vitest";
import { MANAGED_SKUS, REDIS_SKUS } from "../../../../infra/caches/azure/skus.ts";
import { CATALOGUE, PLANS } from "../../../../infra/plans/catalogue.ts";

describe("the sizes of Azure's caches", () => {
  it("are there for each plan of the catalogue, in one of the two services", () => {
    for (const plan of PLANS) {
      const { provider } = CATALOGUE[plan];
      expect([plan, REDIS_SKUS[plan] !== undefined]).toEqual([plan, provider === "azure"]);
      expect([plan, MANAGED_SKUS[plan] !== undefined]).toEqual([plan, provider === "azure-managed"]);
    }
  });
});
