/** The plan of a cache in Azure. */
import type { AzureCache } from "../../azure/list.ts";
import type { AzureService } from "../../azure/services.ts";
import { PLANS, type Plan, skuOf } from "../../plans/catalogue.ts";

type Size = Pick<AzureCache, "service" | "sku" | "highAvailability">;

const HAS_PLAN: Readonly<Record<AzureService, (size: Size, plan: Plan) => boolean>> = {
  azure(size, plan) {
    const sku = skuOf("azure", plan);
    return sku !== undefined && `${sku.name} ${sku.family}${sku.capacity}` === size.sku;
  },
  "azure-managed"(size, plan) {
    const sku = skuOf("azure-managed", plan);
    return sku?.name === size.sku && (sku.highAvailability === "Enabled") === size.highAvailability;
  },
};

/** @returns undefined for sizes that the catalogue does not have */
export function planOfCache(size: Size): Plan | undefined {
  return PLANS.find((plan) => HAS_PLAN[size.service](size, plan));
}
