/**
 * Changing settings that can only be replaced as a whole, beside others who do the same. There is no ETag, so
 * nothing stands between the last read and the PUT, and what was written is read back until it is there.
 */

import { PropiqError } from "../../../base/errors.ts";
import type { AppService, SettingMap } from "../../azure/app-service.ts";
import { ArmError } from "../../azure/arm.ts";
import { mayPass, pauseMs, wait } from "../../azure/retry.ts";
import { sameSettings } from "./merge.ts";
import { overwritten } from "./words.ts";

/** PUTs at most: each either failed, or was overwritten by another user. */
const MOST_PUTS = 12;

export interface Written {
  /** What the app held when it was read first. */
  before: SettingMap;
  /** What it holds now, read back. */
  after: SettingMap;
  /** PUTs that were sent; 0 where all was as wanted, and the app was not restarted. */
  puts: number;
  /**
   * The window that the API leaves: milliseconds from the answer of the last read to the answer of the PUT. What
   * another user writes in it is lost.
   */
  windowsMs: readonly number[];
}

export interface WriteOptions {
  /** Aborted: no further PUT is sent. */
  signal: AbortSignal;
  /** Called before each further attempt, in words for users. */
  onRetry?: (words: string) => void;
}

/**
 * Reads, merges, writes and reads back until the app holds what the merge makes of what it holds.
 * @param merge must keep what is not ours, and be the same twice as once; what it throws ends the write
 * @throws ArmError, PropiqError, or the signal's reason
 */
export async function writeMerged(
  app: Pick<AppService, "settings" | "putSettings">,
  merge: (current: SettingMap) => SettingMap,
  { signal, onRetry }: WriteOptions,
): Promise<Written> {
  const windowsMs: number[] = [];
  let before: SettingMap | undefined;
  for (let puts = 0; ; puts += 1) {
    const current = await app.settings(signal);
    const readAt = performance.now();
    before ??= current;
    const wanted = merge(current);
    if (sameSettings(current, wanted)) return { before, after: current, puts, windowsMs };
    if (puts >= MOST_PUTS) throw overwritten(puts);
    signal.throwIfAborted();
    if (puts > 0) onRetry?.(`writing the settings again (attempt ${puts + 1} of ${MOST_PUTS})`);
    try {
      await app.putSettings(wanted);
      windowsMs.push(performance.now() - readAt);
    } catch (error) {
      // Also without an answer it may have taken effect: the next read shows it.
      if (!isBusy(error) || puts + 1 >= MOST_PUTS) throw error;
      const pause = pauseMs(puts + 1, error);
      onRetry?.(`${error.code}: Azure is busy; again in ${Math.ceil(pause / 1000)} s`);
      await wait(pause, signal);
    }
  }
}

/** Whether the app still holds what the merge makes of it: another writer who had read before us may have written after us. */
export async function stillWritten(
  app: Pick<AppService, "settings">,
  merge: (current: SettingMap) => SettingMap,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const current = await app.settings(signal);
    return sameSettings(current, merge(current));
  } catch (error) {
    signal.throwIfAborted();
    // A foreign edit, reported by the next write; that Azure does not answer says nothing of the settings.
    return !(error instanceof PropiqError);
  }
}

/** 409: another change of the same app is under way. */
function isBusy(error: unknown): error is ArmError {
  return mayPass(error) || (error instanceof ArmError && error.status === 409);
}
