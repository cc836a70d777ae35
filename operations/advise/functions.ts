/** Which lifetime fits each function of the app, and which functions are not worth caching. Pure. */
import { type FunctionTotals, lookUps } from "../../check/functions/totals.ts";

export type FunctionAdviceCode = "TTL_LONGER" | "TTL_SHORTER" | "NOT_WORTH_CACHING";

export interface FunctionAdvice {
  code: FunctionAdviceCode;
  namespace: string;
  /** What was found, with its figures, and the effect of the change. */
  because: string;
  /** The lifetime to set, in seconds. */
  ttlSeconds?: number;
}

/** Lifetimes that people choose, in seconds. */
const LIFETIMES = [10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800] as const;
/** Fewer figures than these are chance. */
const ENOUGH_RELOADS = 50;
const ENOUGH_LOOK_UPS = 200;
/** A longer lifetime may make a value stale in one of three reloads, not more often. */
const UNCHANGED_AT_LEAST = 2 / 3;
/** Below this share of reloads that gave the same value, users mostly see old values. */
const MOSTLY_CHANGED = 1 / 3;
/** A longer lifetime is worth proposing if it saves this share of the loads. */
const WORTH_SHARE = 0.2;
/** A cache that finds less than this costs more than it gives. */
const HARDLY_FOUND = 0.05;
/** What a look-up in a near Redis takes, with the network. */
const LOOK_UP_MS = 1;

/** @param totals of one function over a history @returns nothing where its lifetime is right, or too little is known */
export function adviseFunction(totals: FunctionTotals): FunctionAdvice | undefined {
  return notWorthCaching(totals) ?? otherLifetime(totals);
}

function notWorthCaching(totals: FunctionTotals): FunctionAdvice | undefined {
  const { namespace, hits, loadMsMean } = totals;
  const asked = lookUps(totals);
  if (asked < ENOUGH_LOOK_UPS) return undefined;
  const share = hits / asked;
  if (loadMsMean !== undefined && loadMsMean < LOOK_UP_MS) {
    const because = `a load takes ${milliseconds(loadMsMean)}, which is less than a look-up in Redis.`;
    return { code: "NOT_WORTH_CACHING", namespace, because: `${namespace}: ${because}` };
  }
  if (share < HARDLY_FOUND) {
    const because = `${percent(share)} of ${asked.toLocaleString("en-US")} look-ups found a value: the same key is hardly ever asked for twice within ${seconds(totals.ttlSeconds)}.`;
    return { code: "NOT_WORTH_CACHING", namespace, because: `${namespace}: ${because}` };
  }
  return undefined;
}

function otherLifetime(totals: FunctionTotals): FunctionAdvice | undefined {
  const { namespace, unchangedReloads, ttlSeconds } = totals;
  const reloads = totals.reloads ?? totals.loads;
  if (reloads < ENOUGH_RELOADS || ttlSeconds <= 0) return undefined;
  const unchanged = unchangedReloads / reloads;
  const fitting = LIFETIMES.filter(
    (each) => unchangedAfter(each, unchanged, ttlSeconds, reloads) >= UNCHANGED_AT_LEAST,
  );
  const found = `${percent(unchanged)} of reloads gave the same value`;
  if (unchanged < MOSTLY_CHANGED) {
    const shorter = fitting.filter((each) => each < ttlSeconds).at(-1);
    if (shorter === undefined) return undefined;
    const because = `${namespace}: ${found}, so most values are old before their lifetime ends: ${seconds(ttlSeconds)} to ${seconds(shorter)}.`;
    return { code: "TTL_SHORTER", namespace, because, ttlSeconds: shorter };
  }
  // What a history does not cover, it cannot show.
  const longer = fitting.filter((each) => each > ttlSeconds && each <= totals.overSeconds).at(-1);
  if (longer === undefined) return undefined;
  const saved = savedShare(totals, longer);
  if (saved < WORTH_SHARE) return undefined;
  const because = `${namespace}: ${found}: ${seconds(ttlSeconds)} to ${seconds(longer)} saves ${percent(saved)} of its loads.`;
  return { code: "TTL_LONGER", namespace, because, ttlSeconds: longer };
}

/**
 * The share of values that are still the same after another lifetime. Changes are taken to come by chance, at a rate
 * that follows from what was seen. One more reload might have shown what none has shown.
 */
function unchangedAfter(seconds: number, unchanged: number, ttlSeconds: number, reloads: number): number {
  const atLeast = 1 / (reloads + 1);
  const seen = Math.min(Math.max(unchanged, atLeast), 1 - atLeast);
  return seen ** (seconds / ttlSeconds);
}

/**
 * The share of loads that a longer lifetime saves. A key that is asked for by chance `x` times in a lifetime is loaded
 * once for `1 + x` look-ups, so the hit rate gives `x`.
 */
function savedShare(totals: FunctionTotals, longer: number): number {
  const asked = lookUps(totals);
  const rate = asked === 0 ? 0 : totals.hits / asked;
  if (rate >= 1) return 0;
  const perLifetime = rate / (1 - rate);
  return 1 - (1 + perLifetime) / (1 + perLifetime * (longer / totals.ttlSeconds));
}

/** The config value that applies all proposed lifetimes, by namespace. */
export function proposedLifetimes(advice: readonly FunctionAdvice[]): Record<string, number> {
  return Object.fromEntries(
    advice.flatMap(({ namespace, ttlSeconds }) =>
      ttlSeconds === undefined ? [] : [[namespace, ttlSeconds]],
    ),
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function seconds(count: number): string {
  return `${Math.round(count)} s`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
}
