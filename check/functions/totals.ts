/** What functions did over a history. Counters begin again with each process of the app. Pure. */
import type { FunctionUse } from "./use.ts";

/** Sums over a history; `ttlSeconds` and `memoryBytes` are the latest ones. */
export interface FunctionTotals extends FunctionUse {
  /** From the first to the last run that counts, in seconds. */
  overSeconds: number;
}

interface Run {
  /** ISO 8601, UTC. */
  at: string;
  functions?: readonly FunctionUse[];
}

/** @param runs of one cache, in the order of time @returns one for each function, the busiest first */
export function functionTotals(runs: readonly Run[]): FunctionTotals[] {
  const seen = runs.flatMap(({ at, functions = [] }) => functions.map((use) => ({ at, use })));
  const totals = [...Map.groupBy(seen, ({ use }) => use.namespace).values()].flatMap(totalOf);
  return totals.toSorted((a, b) => lookUps(b) - lookUps(a) || (a.namespace < b.namespace ? -1 : 1));
}

/** Look-ups of a function. */
export function lookUps({ hits, misses }: Pick<FunctionUse, "hits" | "misses">): number {
  return hits + misses;
}

const SUMMED = ["hits", "misses", "errors", "loads", "unchangedReloads", "savedSeconds"] as const;

function totalOf(runs: readonly { at: string; use: FunctionUse }[]): FunctionTotals[] {
  const [first, last] = [runs[0], runs.at(-1)];
  if (first === undefined || last === undefined) return [];
  const parts = runs.map(({ use }, index) => since(use, runs[index - 1]?.use));
  const sum = (value: (part: FunctionUse) => number): number =>
    parts.reduce((total, part) => total + value(part), 0);
  const sums = Object.fromEntries(SUMMED.map((name) => [name, sum((part) => part[name])]));
  const loads = sum((part) => part.loads);
  const loadMs = sum((part) => part.loads * (part.loadMsMean ?? 0));
  const maxima = runs.flatMap(({ use }) => use.loadMsMax ?? []);
  const countsReloads = runs.some(({ use }) => use.reloads !== undefined);
  return [
    {
      ...last.use,
      ...(sums as Record<(typeof SUMMED)[number], number>),
      ...(countsReloads ? { reloads: sum((part) => part.reloads ?? 0) } : {}),
      ...(loads === 0 ? {} : { loadMsMean: loadMs / loads }),
      ...(maxima.length === 0 ? {} : { loadMsMax: Math.max(...maxima) }),
      overSeconds: (Date.parse(last.at) - Date.parse(first.at)) / 1000,
    },
  ];
}

/** What was added since the run before. A counter that fell belongs to a new process, which began at zero. */
function since(now: FunctionUse, before: FunctionUse | undefined): FunctionUse {
  if (before === undefined || SUMMED.some((name) => now[name] < before[name])) return now;
  const added = Object.fromEntries(SUMMED.map((name) => [name, now[name] - before[name]]));
  const loads = now.loads - before.loads;
  const loadMs = now.loads * (now.loadMsMean ?? 0) - before.loads * (before.loadMsMean ?? 0);
  return {
    ...now,
    ...(added as Record<(typeof SUMMED)[number], number>),
    ...(now.reloads === undefined ? {} : { reloads: Math.max(0, now.reloads - (before.reloads ?? 0)) }),
    loadMsMean: loads === 0 ? 0 : Math.max(0, loadMs / loads),
  };
}
