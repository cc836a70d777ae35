/** Names that stay with their slot when slots are swapped: only ours are added, and only those that we added go. */
import type { AppService, SlotNames } from "../../azure/app-service.ts";
import { mayPass, pauseMs, wait } from "../../azure/retry.ts";

const MOST_PUTS = 6;

/** Those of the names that are not sticky yet. */
export async function notSticky(
  app: AppService,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const { appSettingNames = [] } = await app.stickyNames(signal);
  return names.filter((name) => !has(appSettingNames, name));
}

/**
 * Adds and removes names, reads back, and leaves all others as they are.
 * @throws ArmError, or the signal's reason
 */
export async function changeSticky(
  app: AppService,
  change: { add?: readonly string[]; remove?: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  for (let puts = 1; ; puts += 1) {
    const current = await app.stickyNames(signal);
    const wanted = changed(current, change);
    if (sameNames(current, wanted) || puts > MOST_PUTS) return;
    signal.throwIfAborted();
    try {
      await app.putStickyNames(wanted);
    } catch (error) {
      if (!mayPass(error) || puts === MOST_PUTS) throw error;
      await wait(pauseMs(puts, error), signal);
    }
  }
}

/** The names after a change; what is not named in it stays, in its place. */
export function changed(
  current: SlotNames,
  { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
): SlotNames {
  const before = current.appSettingNames ?? [];
  const kept = before.filter((name) => !has(remove, name));
  return { ...current, appSettingNames: [...kept, ...add.filter((name) => !has(kept, name))] };
}

function sameNames(a: SlotNames, b: SlotNames): boolean {
  return JSON.stringify(a.appSettingNames ?? []) === JSON.stringify(b.appSettingNames ?? []);
}

/** Settings' names are the same in either case. */
function has(names: readonly string[], name: string): boolean {
  return names.some((candidate) => candidate.toLowerCase() === name.toLowerCase());
}
