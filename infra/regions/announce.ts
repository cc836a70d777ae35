/** What a preview says about the distance between the apps and a cache that is going to be made. */
import type { Settings } from "../settings/settings.ts";
import type { CacheRegion } from "./distance.ts";
import { distanceInWords } from "./words.ts";

/** @returns a line; none without an app, where Azure does not answer, or where a region is not known */
export async function distanceLines(settings: Settings, cache: CacheRegion): Promise<string[]> {
  const { regionOfApp } = await import("./of-app.ts");
  const location = await regionOfApp(settings);
  const [app] = settings.apps;
  if (location === undefined || app === undefined) return [];
  return distanceInWords({ stack: settings.stack, label: app.name, location, cache });
}
