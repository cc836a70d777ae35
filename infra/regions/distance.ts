/** How far an app is from its cache: the round trip to expect, and the region that is nearest. Pure. */
import { AZURE_REGIONS, type Place, UPSTASH_REGIONS, type UpstashRegion } from "./places.ts";

/** A cache farther away than this makes itself felt: a page often looks up several values in a row. */
export const FAR_MS = 10;

const EARTH_RADIUS_KM = 6371;
/** Light in fibre takes 0.01 ms a kilometre there and back. Cables run about half as far again as the crow flies. */
const MS_PER_KM = 0.015;
/** Routers, and the way from one cloud's network to the other's. */
const LEAST_MS = 1;

/** `East US` and `eastus` are the same region of Azure. */
export function normalizedRegion(region: string): string {
  return region.replaceAll(" ", "").toLowerCase();
}

/** @returns undefined where one of the regions is not known */
export function roundTripMs(app: string, cache: CacheRegion): number | undefined {
  const from = AZURE_REGIONS[normalizedRegion(app)];
  const to = placeOf(cache);
  if (from === undefined || to === undefined) return undefined;
  return Math.round(LEAST_MS + distanceKm(from, to) * MS_PER_KM);
}

/** A region of the cloud that runs the cache. */
export interface CacheRegion {
  cloud: "azure" | "upstash";
  region: string;
}

/** @returns the region of Upstash from which an app in this region of Azure is reached soonest */
export function nearestUpstashRegion(app: string): UpstashRegion | undefined {
  const from = AZURE_REGIONS[normalizedRegion(app)];
  if (from === undefined) return undefined;
  const regions = Object.entries(UPSTASH_REGIONS) as [UpstashRegion, Place][];
  const [nearest] = regions.toSorted(([, a], [, b]) => distanceKm(from, a) - distanceKm(from, b));
  return nearest?.[0];
}

/** How a cache lies to its app. */
export interface Distance {
  /** The round trip to expect, in milliseconds. */
  expectedMs: number;
  isFar: boolean;
  /** The region of the same cloud that is nearest to the app, and its round trip. */
  nearest: { region: string; expectedMs: number };
}

/** @returns undefined where one of the regions is not known */
export function distanceBetween(app: string, cache: CacheRegion): Distance | undefined {
  const expectedMs = roundTripMs(app, cache);
  const nearest = cache.cloud === "azure" ? normalizedRegion(app) : nearestUpstashRegion(app);
  if (expectedMs === undefined || nearest === undefined) return undefined;
  const nearestMs = roundTripMs(app, { cloud: cache.cloud, region: nearest }) ?? expectedMs;
  const isFar = expectedMs > FAR_MS && expectedMs > nearestMs;
  return { expectedMs, isFar, nearest: { region: nearest, expectedMs: nearestMs } };
}

function placeOf({ cloud, region }: CacheRegion): Place | undefined {
  const places: Readonly<Record<string, Place>> = cloud === "azure" ? AZURE_REGIONS : UPSTASH_REGIONS;
  const name = normalizedRegion(region);
  return Object.hasOwn(places, name) ? places[name] : undefined;
}

/** The great circle (haversine). */
function distanceKm(a: Place, b: Place): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const half = (from: number, to: number): number => Math.sin(radians(to - from) / 2) ** 2;
  const chord =
    half(a.latitude, b.latitude) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * half(a.longitude, b.longitude);
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(chord));
}
