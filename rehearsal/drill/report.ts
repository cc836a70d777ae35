/** The report of a drill: one value, from which every format is rendered. */
import type { FaultName } from "./faults.ts";

export const FAULT_CODES = [
  "DID_NOT_START",
  "APP_DIED",
  "REQUESTS_FAILED",
  "REQUESTS_SLOW",
  "NOT_RECOVERED",
] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

/** Redis clients whose settings a report names. */
export const CLIENTS = ["ioredis", "node-redis", "redis-py", "StackExchange.Redis"] as const;
export type ClientSettings = Readonly<Record<(typeof CLIENTS)[number], string>>;

export interface Latency {
  p50Ms: number;
  p99Ms: number;
}

interface FaultFigures extends Partial<Latency> {
  fault: FaultName;
  /** Requests begun during the fault. */
  requests: { sent: number; failed: number };
  /** Requests after the fault, until the cache was used again. */
  afterwards?: { sent: number; failed: number };
  /** From the end of the fault until the cache was used again. */
  recoveredAfterMs?: number;
  /** What users would have seen. */
  observed: string;
}

export type FaultResult =
  | (FaultFigures & { verdict: "passed" | "skipped" })
  | (FaultFigures & {
      verdict: "failed";
      code: FaultCode;
      /** What to change in the app. */
      hint: string;
      /** The likely missing setting, by client. */
      clientSettings: ClientSettings;
      /** Repeats this one fault. */
      repeat: string;
    });

export interface DrillReport {
  schema: 1;
  generatedAt: string;
  verdict: "passed" | "failed";
  command: string;
  durationMs: number;
  faultSeconds: number;
  /** What a cache that fails may add to the p99 without a cache. */
  limitMs: number;
  /** The URLs that were requested in turn. */
  requests: string[];
  withoutCache: Latency;
  baseline: Latency & { commandsPerRequest: number };
  faults: FaultResult[];
  /** What limits the meaning of the result. */
  notes: string[];
}
