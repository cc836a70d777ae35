/** How far each app is from its cache. Pure. */
import { commandLine, pulumi } from "../../base/command.ts";
import { isIn } from "../../infra/plans/catalogue.ts";
import { type CacheRegion, distanceBetween } from "../../infra/regions/distance.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import type { Finding } from "./finding.ts";

export interface AppPlace {
  label: string;
  /** The region of the App Service, as Azure writes it; absent where it could not be asked. */
  location?: string;
}

/** The config keys that choose a region. */
const KEYS = { azure: "azure.location", upstash: "upstash.primaryRegion" } as const;

/** @param deployed the region of the cache that exists; absent where the config decides */
export function judgeRegion(settings: Settings, apps: readonly AppPlace[], deployed?: string): Finding[] {
  const cache = regionOf(settings, deployed);
  if (cache === undefined) return [];
  return apps.flatMap(({ label, location }): Finding[] => {
    const distance = location === undefined ? undefined : distanceBetween(location, cache);
    if (location === undefined || distance === undefined || !distance.isFar) return [];
    const { expectedMs, nearest } = distance;
    const change = pulumi(settings.stack, "config", "set", "--path", KEYS[cache.cloud], nearest.region);
    return [
      {
        id: "region",
        status: "warn",
        words: `${label} is in ${location} and its cache in ${cache.region}: each look-up takes about ${expectedMs} ms. From ${nearest.region} it takes about ${nearest.expectedMs} ms.`,
        hint: `Choose the nearest region. A cache in another region is a new, empty one: ${commandLine(change)}`,
      },
    ];
  });
}

/** Nothing for a cache whose region nobody states. */
function regionOf({ plan, azure, upstash }: Settings, deployed?: string): CacheRegion | undefined {
  if (isIn("upstash", plan)) {
    const region = deployed ?? upstash?.primaryRegion;
    return region === undefined ? undefined : { cloud: "upstash", region };
  }
  if (isIn("azure", plan)) return { cloud: "azure", region: deployed ?? azure?.location ?? "eastus" };
  return undefined;
}
