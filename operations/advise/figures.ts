/** What was measured of a cache, as an advice weighs it. Each figure is absent where it is not known. */
import type { PastRun } from "../../check/history/past-run.ts";
import type { Use } from "../../check/use/measure.ts";

export interface Figures {
  usedMb?: number;
  /** The most that it was: what has to fit. */
  peakMb?: number;
  /** Since when that is known: `now`, the server's `start`, or the first run of the `history`. */
  peakOver?: "now" | "start" | "history";
  /** The server's own limits, or what the stack says of a cache that is not ours. */
  limitMb?: number;
  maxConnections?: number;
  connections?: number;
  /** At the pace so far. */
  commandsPerMonth?: number;
  /** Sent to the clients, at the pace so far. */
  trafficGbPerMonth?: number;
  /** 0 to 1, since the server started. */
  hitRate?: number;
  evictedKeys?: number;
  keys?: number;
  keysWithoutTtl?: number;
  uptimeSeconds?: number;
  /** Runs of the history that count. */
  runs?: number;
}

const MB = 1024 * 1024;
const GB = 1024 * MB;
const MONTH_SECONDS = 30 * 86_400;
/** Less than that, and a month would be read out of a few minutes. */
const PACE_SECONDS = 3600;
/** So many days of history say more than a peak that may be a single import of long ago. */
const HISTORY_DAYS = 7;
/** Look-ups below which a rate is chance. */
const ENOUGH_LOOK_UPS = 100;

/** @param runs of this cache, in the order of time */
export function figuresOf({ info, keys }: Use, runs: readonly PastRun[], now: Date): Figures {
  const { usedBytes, maxBytes, maxClients, connectedClients, evictedKeys, uptimeSeconds } = info;
  const lookUps = (info.hits ?? 0) + (info.misses ?? 0);
  return withoutMissing<Figures>({
    usedMb: inMb(usedBytes),
    ...peakOf(info, runs, now),
    limitMb: maxBytes === 0 ? undefined : inMb(maxBytes),
    maxConnections: maxClients,
    connections: connectedClients,
    commandsPerMonth: perMonth(info.commandsProcessed, uptimeSeconds),
    trafficGbPerMonth: dividedBy(perMonth(info.outputBytes, uptimeSeconds), GB),
    hitRate: info.hits === undefined || lookUps < ENOUGH_LOOK_UPS ? undefined : info.hits / lookUps,
    evictedKeys,
    keys,
    keysWithoutTtl:
      keys === undefined || info.keysWithTtl === undefined ? undefined : Math.max(0, keys - info.keysWithTtl),
    uptimeSeconds,
  });
}

function peakOf(
  { usedBytes, peakBytes }: Use["info"],
  runs: readonly PastRun[],
  now: Date,
): { peakMb: number | undefined; peakOver: Figures["peakOver"]; runs: number | undefined } {
  const sized = runs.filter(({ memoryUsedBytes }) => memoryUsedBytes !== undefined);
  const largest = sized.reduce((most, { memoryUsedBytes = 0 }) => Math.max(most, memoryUsedBytes), 0);
  const sinceMs = Date.parse(sized[0]?.at ?? "");
  const count = sized.length === 0 ? undefined : sized.length;
  if (now.getTime() - sinceMs >= HISTORY_DAYS * 86_400_000)
    return { peakMb: inMb(Math.max(largest, usedBytes ?? 0)), peakOver: "history", runs: count };
  if (usedBytes === undefined) return { peakMb: undefined, peakOver: undefined, runs: count };
  const most = Math.max(usedBytes, peakBytes ?? 0, largest);
  return { peakMb: inMb(most), peakOver: peakBytes === undefined ? "now" : "start", runs: count };
}

function perMonth(count: number | undefined, seconds: number | undefined): number | undefined {
  if (count === undefined || seconds === undefined || seconds < PACE_SECONDS) return undefined;
  return (count / seconds) * MONTH_SECONDS;
}

function inMb(bytes: number | undefined): number | undefined {
  return dividedBy(bytes, MB);
}

function dividedBy(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}

function withoutMissing<T extends object>(fields: { [K in keyof T]-?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
