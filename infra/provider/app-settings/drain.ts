/** The time for which the previous cache remains after the app was seen on the new one. */
import { endpointOf } from "../../../check/target.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { wait } from "../../azure/retry.ts";
import { readSettings, SettingsError } from "../../contract/read-settings.ts";
import type { Operation } from "../protocol/resource.ts";
import type { AppSettingsInputs } from "./inputs.ts";
import { ownedKeys, pick } from "./merge.ts";

/**
 * Waits while requests in progress still use the previous cache. Without a previous cache it does not wait.
 * @param used the settings by which the app found the previous cache
 * @throws the signal's reason
 */
export async function drain(
  used: SettingMap,
  { settings, drainSeconds }: Pick<AppSettingsInputs, "settings" | "drainSeconds">,
  operation: Operation,
  label: string,
): Promise<void> {
  if (!changesCache(used, settings)) return;
  const endsAt = performance.now() + drainSeconds * 1000;
  for (;;) {
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) return;
    operation.progress(`${label} uses its new settings; the previous cache remains for ${drainSeconds} s`);
    await wait(Math.min(leftMs, 1000), operation.signal);
  }
}

/**
 * Whether an app leaves a cache with these settings that it has used until now. A cache that is only disabled
 * remains where it is.
 */
export function changesCache(used: SettingMap, settings: SettingMap): boolean {
  const before = cacheIn(used);
  return before.isUsed && before.at !== cacheIn(settings).at;
}

/** Where the cache is that settings name, and whether an app with them uses it. */
function cacheIn(settings: SettingMap): { isUsed: boolean; at: string | undefined } {
  try {
    const { enabled, target } = readSettings(pick(settings, ownedKeys({})));
    const at = target && `${endpointOf(target)}/${target.db}`;
    return { isUsed: enabled && at !== undefined, at };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    // A form of the user's own, or a reference to a vault: it may be a cache, so wait.
    const at = settings["REDIS_URL"];
    return { isUsed: at !== undefined, at };
  }
}
