/** How far a cache is from its app, in words. Pure. */
import { type Advice, advice, adviceSentence, writeAdvice } from "../../base/advice.ts";
import { pulumi } from "../../base/command.ts";
import { type CacheRegion, type Distance, distanceBetween } from "./distance.ts";

/** The config keys that choose a region. */
const KEYS = { azure: "azure.location", upstash: "upstash.primaryRegion" } as const;

export interface Way {
  stack: string;
  /** The app as people call it. */
  label: string;
  /** The region of the app, as Azure writes it. */
  location: string;
  cache: CacheRegion;
}

/** @returns one line; none where one of the regions is not known */
export function distanceInWords(way: Way): string[] {
  const distance = distanceBetween(way.location, way.cache);
  if (distance === undefined) return [];
  const { label, location, cache } = way;
  if (distance.isFar)
    return [`${farInWords(way, distance)} ${adviceSentence(writeAdvice(nearerCache(way, distance)))}`];
  return [
    `${label} is in ${location} and its cache in ${cache.region}: each look-up takes about ${distance.expectedMs} ms.`,
  ];
}

export function farInWords({ label, location, cache }: Way, { expectedMs, nearest }: Distance): string {
  return `${label} is in ${location} and its cache in ${cache.region}: each look-up takes about ${expectedMs} ms. From ${nearest.region} it takes about ${nearest.expectedMs} ms.`;
}

export function nearerCache({ stack, cache }: Way, { nearest }: Distance): Advice {
  return advice(
    "Choose the nearest region. A cache in another region is a new, empty one.",
    pulumi(stack, "config", "set", "--path", KEYS[cache.cloud], nearest.region),
  );
}
