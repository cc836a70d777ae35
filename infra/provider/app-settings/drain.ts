/** The time that the cache before stays, once the app was seen on the new one. */
import { endpointOf } from "../../../check/target.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { wait } from "../../azure/retry.ts";
import { readSettings, SettingsError } from "../../connection.ts";
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

/** Whether an app leaves a cache with these settings that it has used until now. */
export function changesCache(used: SettingMap, settings: SettingMap): boolean {
  const usedEndpoint = endpointIn(used);
  return usedEndpoint !== undefined && usedEndpoint !== endpointIn(settings);
}

/** Where an app with these settings finds its cache; nothing where it uses none. */
function endpointIn(settings: SettingMap): string | undefined {
  try {
    const { enabled, target } = readSettings(pick(settings, ownedKeys({})));
    return enabled && target !== undefined ? `${endpointOf(target)}/${target.db}` : undefined;
  } catch (error) {
    // Somebody's own form, or a reference to a vault: it may well be a cache, so it is waited for.
    if (error instanceof SettingsError) return settings["REDIS_URL"];
    throw error;
  }
}
