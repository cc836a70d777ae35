/** One line of a history: a cache, checked once, in the figures that trends and the next run need. No secrets. */

import { parseJson } from "../../base/json.ts";
import { type FunctionUse, parseFunctions } from "../functions/use.ts";
import type { Thresholds } from "../judge/thresholds.ts";
import { CODES, type Code, type Impact, type PreviousRun, type Report, type Verdict } from "../report.ts";
import { codesOf } from "./change.ts";

export interface PastRun extends PreviousRun {
  schema: 1;
  stack?: string;
  provider?: string;
  endpoint: string;
  impact: Impact;
  durationMs?: number;
  p95Ms?: number;
  memoryLimitBytes?: number;
  hitRate?: number;
  /** Look-ups that found something and that did not, since the server started. */
  hits?: number;
  misses?: number;
  /** Commands since the server started. */
  commands?: number;
  uptimeSeconds?: number;
  functions?: FunctionUse[];
  thresholds?: Thresholds;
}

const TIMES = ["durationMs", "p50Ms", "p95Ms"] as const satisfies readonly (keyof PastRun)[];
const COUNTS = [
  "memoryUsedBytes",
  "memoryLimitBytes",
  "hits",
  "misses",
  "commands",
  "evictedKeys",
  "uptimeSeconds",
] as const satisfies readonly (keyof PastRun)[];
const TEXTS = ["stack", "plan", "provider"] as const satisfies readonly (keyof PastRun)[];
const VERDICTS: ReadonlySet<unknown> = new Set<Verdict>(["healthy", "degraded", "failed", "disabled"]);
const IMPACTS: ReadonlySet<unknown> = new Set<Impact>(["none", "slower", "users-affected", "unknown"]);
const KNOWN_CODES: ReadonlySet<unknown> = new Set<Code>(CODES);

/** @param at when it was checked: ISO 8601, UTC */
export function pastRun(report: Report, at: string): PastRun {
  const { stack, plan, provider, endpoint, verdict, impact, durationMs, checks, measurements } = report;
  const { latencyMs, keyspaceHits: hits, keyspaceMisses: misses, commandsProcessed: commands } = measurements;
  const { memoryUsedBytes, memoryLimitBytes, hitRate, evictedKeys, uptimeSeconds } = measurements;
  const codes = codesOf(checks);
  const fields = {
    schema: 1 as const,
    at,
    stack,
    plan,
    provider,
    endpoint,
    verdict,
    impact,
    codes,
    durationMs,
  };
  const figures = {
    p50Ms: latencyMs?.p50,
    p95Ms: latencyMs?.p95,
    memoryUsedBytes,
    memoryLimitBytes,
    hitRate,
  };
  const counters = { hits, misses, commands, evictedKeys, uptimeSeconds, functions: report.functions };
  const { thresholds } = report;
  return withoutMissing<PastRun>({ ...fields, ...figures, ...counters, thresholds });
}

/** Reads a line; what is strange in it is left out. @returns undefined for what is not a run at all */
export function parseRun(line: string): PastRun | undefined {
  const raw = parseJson(line);
  if (typeof raw !== "object" || raw === null) return undefined;
  const fields = raw as Record<string, unknown>;
  const { schema, endpoint, verdict, impact, codes, hitRate } = fields;
  const at = timeOf(fields["at"]);
  if (schema !== 1 || at === undefined || typeof endpoint !== "string" || !VERDICTS.has(verdict))
    return undefined;
  const run: Record<string, unknown> = {
    schema,
    at,
    endpoint,
    verdict,
    impact: IMPACTS.has(impact) ? impact : "unknown",
    codes: Array.isArray(codes) ? codes.filter((code) => KNOWN_CODES.has(code)) : [],
  };
  for (const name of TEXTS) if (typeof fields[name] === "string") run[name] = fields[name];
  for (const name of TIMES) if (isAmount(fields[name])) run[name] = fields[name];
  for (const name of COUNTS)
    if (isAmount(fields[name]) && Number.isInteger(fields[name])) run[name] = fields[name];
  if (isAmount(hitRate) && hitRate <= 1) run["hitRate"] = hitRate;
  const functions = parseFunctions(fields["functions"], (text) => text);
  if (functions.length > 0) run["functions"] = functions;
  const thresholds = thresholdsIn(fields["thresholds"]);
  if (thresholds !== undefined) run["thresholds"] = thresholds;
  return run as unknown as PastRun;
}

/** All of them, or none. */
function thresholdsIn(value: unknown): Thresholds | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { memoryMaxBytes, hitRateMin, responseMaxMs } = value as Record<string, unknown>;
  return isAmount(memoryMaxBytes) && isAmount(hitRateMin) && hitRateMin <= 1 && isAmount(responseMaxMs)
    ? { memoryMaxBytes, hitRateMin, responseMaxMs }
    : undefined;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** In the one form that reports have: ISO 8601 with four digits of the year, UTC. */
function timeOf(text: unknown): string | undefined {
  if (typeof text !== "string") return undefined;
  const time = new Date(text);
  const year = time.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? time.toISOString() : undefined;
}

/** Which cache a run was about: a stack keeps its history when its cache is replaced. */
export function cacheOf({ stack, endpoint }: Pick<PastRun, "stack" | "endpoint">): string {
  return stack === undefined ? endpoint : `stack ${stack}`;
}

/** @returns the last run of each cache, by `cacheOf` */
export function lastRuns(runs: Iterable<PastRun>): Map<string, PastRun> {
  const last = new Map<string, PastRun>();
  for (const run of runs) {
    const cache = cacheOf(run);
    const before = last.get(cache);
    if (before === undefined || Date.parse(before.at) <= Date.parse(run.at)) last.set(cache, run);
  }
  return last;
}

/** What the next report says of this run. */
export function asPrevious(run: PastRun): PreviousRun {
  const { at, verdict, codes, plan, p50Ms, memoryUsedBytes, evictedKeys } = run;
  return withoutMissing<PreviousRun>({ at, verdict, codes, plan, p50Ms, memoryUsedBytes, evictedKeys });
}

function withoutMissing<T extends object>(fields: { [K in keyof T]-?: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
