/**
 * What to write, given what an app holds. Values only, no I/O. The one rule above all: a setting that is not ours
 * is in every result exactly as it was. Names are the same in either letter case: App Service answers a set with
 * REDIS_URL and redis_url in it with a conflict (Azure/azure-cli#13673, microsoft/azure-pipelines-tasks#14689).
 */
import type { SettingMap } from "../../azure/app-service.ts";
import { SETTING_NAMES } from "../../contract/table.ts";
import { decodeEarlier, digestOf, EARLIER_KEY, type Earlier, encodeEarlier } from "./earlier.ts";

export interface TakeOver {
  /** All that the app is to hold of ours; a name of ours that is missing here is to be absent. */
  wanted: SettingMap;
  /** The URN of the resource that writes. */
  by: string;
  /** The id of the app or slot. */
  at: string;
  /** What the state knows of earlier values: counts where the app itself has lost them. */
  earlier?: Earlier | undefined;
  /** Names that are to be sticky and are not yet. */
  sticky?: readonly string[];
}

/** The settings with ours in them, and beside them the record of what was there before. Twice is as once. */
export function takeOver(
  current: SettingMap,
  { wanted, by, at, earlier, sticky = [] }: TakeOver,
): SettingMap {
  const known = decodeEarlier(current[EARLIER_KEY]) ?? earlier;
  const owned = ownedKeys(wanted);
  const knownKeys = new Set(known?.keys);
  const added = owned.filter((key) => !knownKeys.has(key));
  // What an older version owned and this one does not is restored at once.
  const givenBack = [...knownKeys].filter((key) => !owned.includes(key));
  const record: Earlier = {
    by,
    at,
    keys: owned,
    values: { ...named(known?.values ?? {}, owned), ...named(current, added) },
    wrote: Object.fromEntries(Object.entries(wanted).map(([key, value]) => [key, digestOf(value)])),
    sticky: [...new Set([...(known?.sticky ?? []), ...sticky])],
  };
  return {
    ...without(current, [...owned, ...givenBack]),
    ...named(known?.values ?? {}, givenBack),
    ...wanted,
    [EARLIER_KEY]: encodeEarlier(record),
  };
}

/** The settings as they were before us, as far as ours are concerned, and without the record. */
export function giveBack(
  current: SettingMap,
  { keys, values }: Pick<Earlier, "keys" | "values">,
): SettingMap {
  return { ...without(current, [...keys, EARLIER_KEY]), ...named(values, keys) };
}

/**
 * Takes one write back: each of our settings that still holds what was written is again as it was before it.
 * What another user has written since stays.
 * @param before all settings as they are to be again, as far as they are ours
 * @param written all settings as we wrote them
 */
export function putBack(current: SettingMap, before: SettingMap, written: SettingMap): SettingMap {
  const ours = [...ownedKeys({ ...before, ...written }), EARLIER_KEY].filter(
    (key) => current[key] === written[key],
  );
  return { ...without(current, ours), ...named(before, ours) };
}

/** The settings with others in them: of a name that is there in another letter case, only the new one stays. */
export function withSettings(current: SettingMap, others: SettingMap): SettingMap {
  return { ...without(current, Object.keys(others)), ...others };
}

/** What another user did to our settings. */
export interface ForeignEdits {
  /** Names of ours whose value is neither the one known nor the one to be written. */
  changed: string[];
  /** Names of ours that were there and are not any more. */
  removed: string[];
  /** None of ours is left, the record included: the work of a tool that replaces the whole set. */
  allGone: boolean;
}

/**
 * @param known what the state says the app holds; absent where there is no state
 * @param wanted what is about to be written
 */
export function foreignEdits(
  current: SettingMap,
  known: SettingMap | undefined,
  wanted: SettingMap,
): ForeignEdits {
  const record = decodeEarlier(current[EARLIER_KEY]);
  // Nobody has taken over yet, so nothing is ours that could have been edited.
  if (record === undefined && known === undefined) return { changed: [], removed: [], allGone: false };
  const owned = ownedKeys(wanted);
  // A name that the contract gained since the last write was never ours.
  const isOurs = (key: string) => record === undefined || record.keys.includes(key);
  const changed = owned.filter(isOurs).filter((key) => {
    const value = current[key];
    if (value === undefined || value === wanted[key] || value === known?.[key]) return false;
    return record?.wrote[key] !== digestOf(value);
  });
  // After a refresh the state lacks what was removed. Only without a state does the record say what was there.
  const expected = known ?? record?.wrote ?? {};
  const removed = owned.filter((key) => {
    const leftOut = record !== undefined && record.wrote[key] === undefined;
    return current[key] === undefined && wanted[key] !== undefined && expected[key] !== undefined && !leftOut;
  });
  const hadSome = Object.keys(known ?? {}).length > 0;
  const allGone = record === undefined && hadSome && owned.every((key) => current[key] === undefined);
  return { changed, removed, allGone };
}

/** Every name of ours: those of the contract, and whatever else is to be written. */
export function ownedKeys(wanted: SettingMap): string[] {
  return [...new Set<string>([...SETTING_NAMES, ...Object.keys(wanted)])].filter(
    (key) => key !== EARLIER_KEY,
  );
}

export function pick(settings: SettingMap, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const value = settings[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
}

/** The settings of these names, in whatever letter case, under the names that they have. */
export function named(settings: SettingMap, keys: readonly string[]): Record<string, string> {
  const wanted = new Set(keys.map(bare));
  return Object.fromEntries(Object.entries(settings).filter(([key]) => wanted.has(bare(key))));
}

export function sameSettings(a: SettingMap, b: SettingMap): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

function without(settings: SettingMap, keys: readonly string[]): Record<string, string> {
  const gone = new Set(keys.map(bare));
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !gone.has(bare(key))));
}

const bare = (name: string): string => name.toLowerCase();
