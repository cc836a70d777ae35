/** Databases at Upstash. */
import type { Cache } from "../infra/cache.ts";
import type { Plan } from "../infra/catalogue.ts";
import type { Settings } from "../infra/settings/settings.ts";

/** @param plan the active one where absent, or the one of `standby` */
export async function upstashCache(settings: Settings, plan?: Plan): Promise<Cache> {
  const { upstashCache: make } = await import("../infra/caches/upstash.ts");
  return await make(settings, plan);
}
