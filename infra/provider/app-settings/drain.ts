/** The time that the cache before stays, once the app was seen on the new one. */
import { endpointOf } from "../../../check/target.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { wait } from "../../azure/retry.ts";
import { readSettings, SettingsError } from "../../contract/read-settings.ts";
import type { Operation } from "../protocol/resource.ts";
import type { AppSettingsInputs } from "./inputs.ts";
import { ownedKeys, pick } from "./merge.ts";

/**
 * Waits while the cache before is still used by what is under way; where there was none, nobody waits.
 * @param used the settings by which the app found the cache before
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
    operation.progress(
      `${label} is on its new settings; the cache before stays ${Math.ceil(leftMs / 1000)} s more`,
    );
    await wait(Math.min(leftMs, 1000), operation.signal);
  }
}

/**
 * Whether an app leaves a cache with these settings that it has used until now. One that is only switched off is not
 * left: it stays where it is.
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
    // Somebody's own form, or a reference to a vault: it may well be a cache, so it is waited for.
    const at = settings["REDIS_URL"];
    return { isUsed: at !== undefined, at };
  }
}
