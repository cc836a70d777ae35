/** Which size of Azure's a plan is, and which plan a size is. Pure. */
import type { AzureCache } from "../../azure/list.ts";
import { CATALOGUE, type Plan } from "../../plans/catalogue.ts";

export type RedisSku = { name: "Basic" | "Standard"; family: "C"; capacity: 0 | 1 };
export interface ManagedSku {
  name: "Balanced_B0" | "Balanced_B1";
  highAvailability: "Enabled" | "Disabled";
}

/** Azure Cache for Redis. */
export const REDIS_SKUS: Readonly<Partial<Record<Plan, RedisSku>>> = {
  "azure-c0": { name: "Basic", family: "C", capacity: 0 },
  "azure-c1": { name: "Basic", family: "C", capacity: 1 },
  "azure-standard-c0": { name: "Standard", family: "C", capacity: 0 },
  "azure-standard-c1": { name: "Standard", family: "C", capacity: 1 },
};

/** Azure Managed Redis. Without high availability there is no SLA, at half the price. */
export const MANAGED_SKUS: Readonly<Partial<Record<Plan, ManagedSku>>> = {
  "azure-managed-b0": { name: "Balanced_B0", highAvailability: "Disabled" },
  "azure-managed-b1": { name: "Balanced_B1", highAvailability: "Disabled" },
  "azure-managed-b0-ha": { name: "Balanced_B0", highAvailability: "Enabled" },
  "azure-managed-b1-ha": { name: "Balanced_B1", highAvailability: "Enabled" },
};

/** The plan of a cache in Azure; nothing for sizes that the catalogue does not have. */
export function planOfCache({
  service,
  sku,
  highAvailability,
}: Pick<AzureCache, "service" | "sku" | "highAvailability">): Plan | undefined {
  const plans = Object.keys(CATALOGUE) as Plan[];
  return plans.find((plan) => {
    const redis = REDIS_SKUS[plan];
    const managed = MANAGED_SKUS[plan];
    if (service === "azure")
      return redis !== undefined && `${redis.name} ${redis.family}${redis.capacity}` === sku;
    return managed?.name === sku && (managed.highAvailability === "Enabled") === highAvailability;
  });
}
