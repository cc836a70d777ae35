/** When a quota or the memory of a cache runs out at the present rate. Pure. */
import { DAY_MS, dailyChanges, growthOf, paceOf, type Reading, valueAt } from "./pace.ts";

/** A forecast beyond this says nothing that anybody could plan by. */
const HORIZON_DAYS = 90;
const STEPS_PER_DAY = 24;
/** Less history than this holds no rate. */
const SHORTEST_MS = DAY_MS;

/**
 * @param readings of a counter of commands, in the order of time
 * @param perMonth what the plan allows in a calendar month (UTC)
 * @returns when the allowance of a month is used up; undefined where it lasts, or nothing can be said
 */
export function quotaEndsAt(readings: readonly Reading[], perMonth: number): Date | undefined {
  const growth = growthOf(readings);
  const pace = paceOf(dailyChanges(growth));
  const [first, last] = [growth[0], growth.at(-1)];
  if (pace === undefined || first === undefined || last === undefined) return undefined;
  const monthStart = startOfMonth(last.atMs);
  // Before the first reading of this month the rate was the average of those that there are.
  const unseenDays = Math.max(0, first.atMs - monthStart) / DAY_MS;
  const rate = last.value / ((last.atMs - first.atMs) / DAY_MS);
  const used = last.value - valueAt(growth, monthStart) + unseenDays * rate;
  if (used >= perMonth) return new Date(last.atMs);
  return walk(last.atMs, used, pace, perMonth, startOfMonth);
}

/**
 * @param readings of the bytes that are used, in the order of time
 * @param limitBytes what the cache holds
 * @returns when it is full; undefined where it does not grow, or nothing can be said
 */
export function memoryEndsAt(readings: readonly Reading[], limitBytes: number): Date | undefined {
  const since = sinceLastFlush(readings);
  const pace = paceOf(dailyChanges(since));
  const last = since.at(-1);
  if (pace === undefined || last === undefined) return undefined;
  if (last.value >= limitBytes) return new Date(last.atMs);
  return walk(last.atMs, last.value, pace, limitBytes);
}

/** @param restartAt the start of the period in which the amount counts; absent where it counts for ever */
function walk(
  fromMs: number,
  from: number,
  pace: (day: number) => number,
  limit: number,
  restartAt?: (ms: number) => number,
): Date | undefined {
  const stepMs = DAY_MS / STEPS_PER_DAY;
  let used = from;
  for (let step = 1; step <= HORIZON_DAYS * STEPS_PER_DAY; step += 1) {
    const atMs = fromMs + step * stepMs;
    if (restartAt !== undefined && restartAt(atMs) > atMs - stepMs) used = 0;
    used += pace(Math.ceil(step / STEPS_PER_DAY)) / STEPS_PER_DAY;
    if (used >= limit) return new Date(atMs);
  }
  return undefined;
}

/** A cache that lost more than half of its content was emptied: what it held before says nothing. */
function sinceLastFlush(readings: readonly Reading[]): readonly Reading[] {
  const flushed = readings.findLastIndex(
    ({ value }, index) => index > 0 && value < (readings[index - 1]?.value ?? 0) / 2,
  );
  return flushed === -1 ? readings : readings.slice(flushed);
}

function startOfMonth(ms: number): number {
  const date = new Date(ms);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}

/** Whether there is enough history for a forecast. */
export function isLongEnough(readings: readonly Reading[]): boolean {
  return (readings.at(-1)?.atMs ?? 0) - (readings[0]?.atMs ?? 0) >= SHORTEST_MS;
}
