/** A Redis that exists already: Redis Cloud, one made by hand, anything with a URL. */
import type { Cache } from "../infra/cache.ts";
import { ExternalCache } from "../infra/caches/external.ts";
import type { Settings } from "../infra/settings/settings.ts";

export async function externalCache(settings: Settings): Promise<Cache> {
  return new ExternalCache(settings);
}
