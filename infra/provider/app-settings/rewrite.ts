/** Changing settings of ours in an app where no state is at hand: switching its cache off and on. */
import type { AppService, SettingMap } from "../../azure/app-service.ts";
import { decodeEarlier, EARLIER_KEY, type Earlier, encodeEarlier } from "./earlier.ts";
import { ownedKeys, pick, takeOver } from "./merge.ts";
import { type WriteOptions, type Written, writeMerged } from "./write.ts";

/**
 * Rewrites our settings in an app that is wired, by the same merge as an update, so that the next update takes them
 * for its own. The app restarts where anything changes.
 * @param change from our settings as the app holds them to those that it is to hold; twice must be as once
 * @returns nothing where the app was never wired, or not by a stack; then nothing was written
 * @throws ArmError, PropiqError, or the signal's reason
 */
export async function rewriteOwned(
  app: Pick<AppService, "settings" | "putSettings">,
  change: (ours: SettingMap) => SettingMap,
  options: WriteOptions,
): Promise<Written | undefined> {
  const record = decodeEarlier((await app.settings(options.signal))[EARLIER_KEY]);
  if (record === undefined) return undefined;
  return await writeMerged(app, (current) => rewritten(current, change, record), options);
}

/** What another user has edited is not made ours by it: the next update still stops there. */
function rewritten(
  current: SettingMap,
  change: (ours: SettingMap) => SettingMap,
  { by, at }: Pick<Earlier, "by" | "at">,
): SettingMap {
  const before = decodeEarlier(current[EARLIER_KEY]);
  const wanted = change(pick(current, ownedKeys({})));
  const after = takeOver(current, { wanted, by, at });
  const record = decodeEarlier(after[EARLIER_KEY]);
  if (before === undefined || record === undefined) return after;
  const untouched = record.keys.filter((key) => wanted[key] === current[key]);
  const wrote = { ...record.wrote, ...pick(before.wrote, untouched) };
  return { ...after, [EARLIER_KEY]: encodeEarlier({ ...record, wrote }) };
}
