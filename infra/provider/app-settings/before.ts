/** What to put back where an app does not take its new settings. Values only, no I/O. */
import type { SettingMap } from "../../azure/app-service.ts";
import { decodeEarlier, digestOf, EARLIER_KEY, type Earlier } from "./earlier.ts";
import { type AppSettingsState, heldBy } from "./inputs.ts";
import { giveBack, ownedKeys, sameSettings, takeOver } from "./merge.ts";

/**
 * What is put back where the app does not take the new settings. Usually what it holds; where it already holds ours
 * from an update that was killed, and nobody ever saw them work, what it held before that.
 */
export function settingsBefore(
  at: string,
  first: SettingMap,
  wanted: SettingMap,
  { state, urn }: { state: AppSettingsState | undefined; urn: string },
  merge: (current: SettingMap) => SettingMap,
): SettingMap {
  const record = decodeEarlier(first[EARLIER_KEY]);
  if (record === undefined) return first;
  const owned = ownedKeys(wanted);
  if (state === undefined) return sameSettings(first, merge(first)) ? giveBack(first, record) : first;
  const held = heldBy(state);
  const unconfirmed = owned.some((key) => first[key] !== held[key] && isWritten(record, key, first[key]));
  return unconfirmed ? takeOver(first, { wanted: held, by: urn, at, earlier: state.earlier }) : first;
}

function isWritten({ wrote }: Earlier, key: string, value: string | undefined): boolean {
  return wrote[key] === (value === undefined ? undefined : digestOf(value));
}
