/** A history as one value: how each cache has fared, in as many points as a chart can show. */

import { type FunctionTotals, functionTotals } from "../functions/totals.ts";
import type { Thresholds } from "../judge/thresholds.ts";
import type { Code, Verdict } from "../report.ts";
import { worstVerdict } from "../verdict.ts";
import type { History } from "./file.ts";
import { type Gap, gapsOf } from "./gaps.ts";
import { cacheOf, type PastRun } from "./past-run.ts";
import { type Trend, trendsOf } from "./trends.ts";

export interface HistoryPage {
  schema: 1;
  /** ISO 8601, UTC, as all times here. */
  generatedAt: string;
  runs: number;
  /** Lines of the file that are not runs: torn by a crash, or strange. */
  skippedLines: number;
  caches: CacheHistory[];
}

export interface CacheHistory {
  stack?: string;
  plan?: string;
  provider?: string;
  endpoint: string;
  runs: number;
  from: string;
  to: string;
  /** Of the last run, as are stack, plan and endpoint. */
  verdict: Verdict;
  codes: Code[];
  /** How many runs came to which verdict. */
  verdicts: Record<Verdict, number>;
  /** The latest first, and no more than can be read. */
  changes: VerdictChange[];
  /** Spans in which no check ran although one was due; the latest first. */
  gaps: Gap[];
  trends: Trend[];
  /** What the cache did for each function of the app; none where the app does not count. */
  functions: FunctionTotals[];
  /** What the last run was judged by. */
  thresholds?: Thresholds;
  /** Equal spans of time; those without a run are left out. */
  points: Point[];
}

export interface VerdictChange {
  at: string;
  from: Verdict;
  to: Verdict;
  codes: Code[];
}

export interface Point {
  /** Of its first run. */
  at: string;
  runs: number;
  /** The worst in this span. */
  verdict: Verdict;
  /** Mean of the medians, in milliseconds. */
  p50Ms?: number;
  /** The highest in this span. */
  p95Ms?: number;
  /** The highest in this span. */
  memoryUsedBytes?: number;
  memoryLimitBytes?: number;
  /** Mean. */
  hitRate?: number;
}

/** A chart is some hundred pixels wide on a phone. */
const POINTS = 200;
const CHANGES = 20;

/** @param at when the page is made */
export function historyPage({ runs, skippedLines }: History, at: Date): HistoryPage {
  const byCache = Map.groupBy(runs, cacheOf);
  return {
    schema: 1,
    generatedAt: at.toISOString(),
    runs: runs.length,
    skippedLines,
    caches: [...byCache.values()].flatMap(cacheHistory),
  };
}

interface TimedRun {
  run: PastRun;
  ms: number;
}

function cacheHistory(unsorted: readonly PastRun[]): CacheHistory[] {
  const timed = unsorted.map((run): TimedRun => ({ run, ms: Date.parse(run.at) }));
  // Several writers may finish in another order than they began in.
  const runs = timed.toSorted((a, b) => a.ms - b.ms);
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return [];
  const { stack, plan, provider, endpoint, verdict, codes } = last.run;
  const thresholds = runs.findLast(({ run }) => run.thresholds !== undefined)?.run.thresholds;
  return [
    {
      ...(stack === undefined ? {} : { stack }),
      ...(plan === undefined ? {} : { plan }),
      ...(provider === undefined ? {} : { provider }),
      endpoint,
      runs: runs.length,
      from: first.run.at,
      to: last.run.at,
      verdict,
      codes,
      verdicts: countVerdicts(runs),
      changes: changesOf(runs),
      gaps: gapsOf(runs.map(({ run }) => run.at)),
      trends: trendsOf(runs.map(({ run }) => run)),
      functions: functionTotals(runs.map(({ run }) => run)),
      ...(thresholds === undefined ? {} : { thresholds }),
      points: pointsOf(runs, first.ms, last.ms),
    },
  ];
}

function countVerdicts(runs: readonly TimedRun[]): Record<Verdict, number> {
  const counts: Record<Verdict, number> = { healthy: 0, degraded: 0, failed: 0, disabled: 0 };
  for (const { run } of runs) counts[run.verdict]++;
  return counts;
}

function changesOf(runs: readonly TimedRun[]): VerdictChange[] {
  const changes: VerdictChange[] = [];
  for (let index = runs.length - 1; index > 0 && changes.length < CHANGES; index--) {
    const [before, after] = [runs[index - 1]?.run, runs[index]?.run];
    if (before === undefined || after === undefined || before.verdict === after.verdict) continue;
    changes.push({ at: after.at, from: before.verdict, to: after.verdict, codes: after.codes });
  }
  return changes;
}

function pointsOf(runs: readonly TimedRun[], fromMs: number, toMs: number): Point[] {
  const spanMs = Math.max(1, (toMs - fromMs + 1) / POINTS);
  const spans = Map.groupBy(runs, ({ ms }) => Math.floor((ms - fromMs) / spanMs));
  return [...spans.values()].map((span) => pointOf(span.map(({ run }) => run)));
}

function pointOf(runs: readonly PastRun[]): Point {
  const of = (name: "p50Ms" | "p95Ms" | "memoryUsedBytes" | "memoryLimitBytes" | "hitRate") =>
    runs.flatMap((run) => run[name] ?? []);
  return {
    at: runs[0]?.at ?? "",
    runs: runs.length,
    verdict: worstVerdict(runs.map(({ verdict }) => verdict)),
    ...figure("p50Ms", of("p50Ms"), mean),
    ...figure("p95Ms", of("p95Ms"), highest),
    ...figure("memoryUsedBytes", of("memoryUsedBytes"), highest),
    ...figure("memoryLimitBytes", of("memoryLimitBytes"), (limits) => limits.at(-1) ?? 0),
    ...figure("hitRate", of("hitRate"), mean),
  };
}

function figure(
  name: keyof Point,
  values: readonly number[],
  sum: (values: readonly number[]) => number,
): Partial<Point> {
  return values.length === 0 ? {} : { [name]: sum(values) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function highest(values: readonly number[]): number {
  return values.reduce((high, value) => Math.max(high, value), 0);
}
