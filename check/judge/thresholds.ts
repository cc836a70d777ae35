import type { Expectations } from "../expectations.ts";

export const MB = 1024 * 1024;
/** Of the limit; from here on the cache needs room, or soon evicts what is still of use. */
export const HIGH_SHARE = 0.8;

/** Figures beyond which a check warns. */
export interface Thresholds {
  memoryMaxBytes: number;
  /** 0 to 1. */
  hitRateMin: number;
  /** Net of the network's own round trip. */
  responseMaxMs: number;
}

/** @param limitBytes the memory that the plan or the server allows, where it is known */
export function thresholdsOf(
  { hitRateMin, memoryMaxMb, responseMaxMs }: Expectations,
  limitBytes: number | undefined,
): Thresholds {
  const memoryMaxBytes = Math.round(limitBytes === undefined ? memoryMaxMb * MB : limitBytes * HIGH_SHARE);
  return { memoryMaxBytes, hitRateMin, responseMaxMs };
}
