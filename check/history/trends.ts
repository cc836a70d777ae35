/** Which way the figures of a cache are going. */
import type { PastRun } from "./past-run.ts";

export interface Trend {
  figure: "latency" | "memory" | "hit-rate";
  /** Median of the first third of the runs: milliseconds, bytes or a share. */
  before: number;
  /** Median of the last third. */
  after: number;
  direction: "rising" | "falling" | "steady";
}

/** With fewer runs than this, a trend would be chance. */
const ENOUGH = 9;

/** What has to lie between first and last third to be more than noise: a part of the first, and an amount. */
const FIGURES = [
  { figure: "latency", field: "p50Ms", part: 0.25, amount: 0.5 },
  { figure: "memory", field: "memoryUsedBytes", part: 0.1, amount: 1024 * 1024 },
  { figure: "hit-rate", field: "hitRate", part: 0, amount: 0.05 },
] as const;

/** @param runs of one cache, in the order of time */
export function trendsOf(runs: readonly PastRun[]): Trend[] {
  return FIGURES.flatMap(({ figure, field, part, amount }) => {
    const values = runs.flatMap((run) => run[field] ?? []);
    if (values.length < ENOUGH) return [];
    const third = Math.floor(values.length / 3);
    const [before, after] = [median(values.slice(0, third)), median(values.slice(-third))];
    const moved = Math.abs(after - before) >= Math.max(amount, before * part);
    return [{ figure, before, after, direction: moved ? (after > before ? "rising" : "falling") : "steady" }];
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
