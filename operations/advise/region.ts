/** The advice of a stack whose cache is far from its apps. */
import { writeAdvice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { ArmError } from "../../infra/azure/arm.ts";
import { farInWords, nearerCache } from "../../infra/regions/words.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import { type AppPlace, farApps } from "../preflight/judge-region.ts";
import { labelOf, openApp } from "../stacks/azure.ts";
import { readStackConfig, type StackConfig } from "../stacks/config-file.ts";
import type { Advice } from "./advisors.ts";

/** Milliseconds: the advice is about the size, and does not wait for Azure. */
const PATIENCE_MS = 5000;

export function adviceOnRegion(settings: Settings, places: readonly AppPlace[]): Advice[] {
  return farApps(settings, places).map(({ way, distance }) => ({
    code: "CACHE_FAR",
    because: farInWords(way, distance),
    commands: writeAdvice(nearerCache(way, distance)).run,
  }));
}

/** @returns nothing where the cache is near, and where nobody can say */
export async function regionAdvice(stack: string): Promise<Advice[]> {
  try {
    const config = await readStackConfig(stack);
    const { apps } = config.settings;
    return adviceOnRegion(config.settings, await Promise.all(apps.map((app) => placeOf(config, app))));
  } catch (error) {
    // The config of another clone, or one with errors: the state says what runs.
    if (error instanceof PropiqError) return [];
    throw error;
  }
}

async function placeOf(config: StackConfig, app: AppConfig): Promise<AppPlace> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const label = labelOf(app);
  try {
    const { location } = await (await openApp(config, app)).site(signal);
    return { label, ...(location === undefined ? {} : { location }) };
  } catch (error) {
    if (error instanceof PropiqError || error instanceof ArmError || signal.aborted) return { label };
    throw error;
  }
}
