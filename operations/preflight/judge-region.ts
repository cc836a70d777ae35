/** How far each app is from its cache. Pure. */

import { isIn } from "../../infra/plans/catalogue.ts";
import { type CacheRegion, type Distance, distanceBetween } from "../../infra/regions/distance.ts";
import { farInWords, nearerCache, type Way } from "../../infra/regions/words.ts";
import { AZURE_DEFAULTS } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import type { Finding } from "./finding.ts";

export interface AppPlace {
  label: string;
  /** The region of the App Service, as Azure writes it; absent where it could not be asked. */
  location?: string;
}

/** @param deployed the region of the cache that exists; absent where the config decides */
export function judgeRegion(settings: Settings, apps: readonly AppPlace[], deployed?: string): Finding[] {
  return farApps(settings, apps, deployed).map(({ way, distance }) => ({
    id: "region",
    status: "warn",
    words: farInWords(way, distance),
    advice: nearerCache(way, distance),
  }));
}

/** The apps whose cache is far away, though a nearer region exists. */
export function farApps(
  settings: Settings,
  apps: readonly AppPlace[],
  deployed?: string,
): { way: Way; distance: Distance }[] {
  const cache = regionOf(settings, deployed);
  if (cache === undefined) return [];
  return apps.flatMap(({ label, location }) => {
    const distance = location === undefined ? undefined : distanceBetween(location, cache);
    if (location === undefined || distance === undefined || !distance.isFar) return [];
    return [{ way: { stack: settings.stack, label, location, cache }, distance }];
  });
}

/** Undefined for a cache whose region is not known. */
function regionOf({ plan, azure, upstash }: Settings, deployed?: string): CacheRegion | undefined {
  if (isIn("upstash", plan)) {
    const region = deployed ?? upstash?.primaryRegion;
    return region === undefined ? undefined : { cloud: "upstash", region };
  }
  if (isIn("azure", plan)) return { cloud: "azure", region: deployed ?? (azure ?? AZURE_DEFAULTS).location };
  return undefined;
}
