/** The forecasts that the runs of a history allow. */
import type { PastRun } from "../history/past-run.ts";
import type { Forecast } from "../report.ts";
import { isLongEnough, memoryEndsAt, quotaEndsAt } from "./forecast.ts";
import type { Reading } from "./pace.ts";

export interface Limits {
  /** What the plan allows in a calendar month; absent where it counts none. */
  commandsPerMonth?: number;
  memoryBytes?: number;
}

/** @param runs of one cache, in the order of time, the present one last */
export function forecastsOf(runs: readonly PastRun[], limits: Limits): Forecast[] {
  // Counters and content of another server say nothing about this one.
  const endpoint = runs.at(-1)?.endpoint;
  const own = runs.filter((run) => run.endpoint === endpoint);
  const commands = readingsOf(own, ({ commands }) => commands);
  const memory = readingsOf(own, ({ memoryUsedBytes }) => memoryUsedBytes);
  const { commandsPerMonth, memoryBytes } = limits;
  return [
    ...forecast("commands", commandsPerMonth, commands, quotaEndsAt),
    ...forecast("memory", memoryBytes, memory, memoryEndsAt),
  ];
}

function forecast(
  what: Forecast["what"],
  limit: number | undefined,
  readings: readonly Reading[],
  endsAt: (readings: readonly Reading[], limit: number) => Date | undefined,
): Forecast[] {
  if (limit === undefined || limit <= 0 || !isLongEnough(readings)) return [];
  const end = endsAt(readings, limit);
  return end === undefined ? [] : [{ what, limit, endsAt: end.toISOString() }];
}

function readingsOf(runs: readonly PastRun[], value: (run: PastRun) => number | undefined): Reading[] {
  return runs
    .flatMap((run) => {
      const found = value(run);
      return found === undefined ? [] : [{ atMs: Date.parse(run.at), value: found }];
    })
    .toSorted((a, b) => a.atMs - b.atMs);
}
