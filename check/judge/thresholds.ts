import type { Expectations } from "../expectations.ts";
import { HIGH_SHARE, MB } from "./memory.ts";

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
