/** Caches in Azure: Azure Cache for Redis, and its successor Azure Managed Redis. */
import type { Cache } from "../infra/cache.ts";
import type { Plan } from "../infra/catalogue.ts";
import type { Settings } from "../infra/settings/settings.ts";

/** @param plan the active one where absent; `standby` plans have caches of their own */
export async function azureCache(settings: Settings, plan?: Plan): Promise<Cache> {
  const { azureCache: make } = await import("../infra/caches/azure.ts");
  return await make(settings, plan);
}
