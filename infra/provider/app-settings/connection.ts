/** Is an app that echoes nothing on its new cache? Its connection there says so. */
import { othersOn } from "../../../check/use/others.ts";
import { wait } from "../../azure/retry.ts";
import { readSettings } from "../../contract/read-settings.ts";
import type { Operation } from "../protocol/resource.ts";
import type { AppSettingsInputs } from "./inputs.ts";

/** App Service may let the old worker answer for minutes; an app that connects late, or never, is not waited for longer. */
const MOST_SECONDS = 120;
const INTERVAL_MS = 2000;
const ANSWER_MS = 5000;

/**
 * Waits for another client's connection on the new cache. Only the app has its settings.
 * @returns whether there was one; undefined where the cache does not report
 * @throws the signal's reason
 */
export async function connectsToNew(
  { settings, restartTimeoutSeconds }: Pick<AppSettingsInputs, "settings" | "restartTimeoutSeconds">,
  { signal, progress }: Pick<Operation, "signal" | "progress">,
  label: string,
): Promise<boolean | undefined> {
  const { enabled, target } = readSettings(settings);
  if (!enabled || target === undefined) return undefined;
  const endsAt = performance.now() + Math.min(MOST_SECONDS, restartTimeoutSeconds) * 1000;
  for (;;) {
    const others = await othersOn(target, ANSWER_MS);
    if (others === undefined || others.connections > 0) return others && true;
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) return false;
    progress(`waiting for a connection of ${label} to the new cache`);
    await wait(Math.min(INTERVAL_MS, leftMs), signal);
  }
}
