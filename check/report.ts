/**
 * The report: the one value that every check ends in and every format is rendered from.
 * Its shape is a contract (schema 1): it may grow, never change.
 */
import type { WrittenAdvice } from "../base/advice.ts";

import type { FunctionUse } from "./functions/use.ts";
import type { Thresholds } from "./judge/thresholds.ts";

/** What a check can be about, in the order in which a report lists them. */
export const CHECK_IDS = [
  "enabled",
  "dns",
  "tcp",
  "tls",
  "auth",
  "ping",
  "roundtrip",
  "ttl",
  "cleanup",
  "info",
  "memory",
  "eviction",
  "hit-rate",
  "latency",
  "app-settings",
  "app-health",
  "app-uses-cache",
  "plan",
  "key-age",
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

/** The checks of a cache itself, in contrast to those of its apps and its plan. */
export function isCheckOfCache(id: CheckId): boolean {
  return CHECK_IDS.indexOf(id) <= CHECK_IDS.indexOf("latency");
}

/** Everything that can be wrong, each distinguished from every other. */
export const CODES = [
  "DNS_NOT_FOUND",
  "DNS_UNAVAILABLE",
  "TCP_REFUSED",
  "TCP_TIMEOUT",
  "UNREACHABLE",
  "CONNECTION_RESET",
  "TLS_HANDSHAKE",
  "TLS_EXPIRED",
  "TLS_UNTRUSTED",
  "TLS_HOSTNAME",
  "TLS_NOT_OFFERED",
  "TLS_REQUIRED",
  "NOT_REDIS",
  "PROTOCOL_ERROR",
  "PROTECTED_MODE",
  "AUTH_REQUIRED",
  "AUTH_WRONG",
  "AUTH_FORBIDDEN",
  "ACCESS_KEYS_DISABLED",
  "DB_INDEX",
  "LOADING",
  "READONLY",
  "MISCONF",
  "OUT_OF_MEMORY",
  "MAX_CLIENTS",
  "CLUSTER_MOVED",
  "CLUSTER_DOWN",
  "MASTER_DOWN",
  "BUSY_SCRIPT",
  "QUOTA_EXCEEDED",
  "REDIS_ERROR",
  "TIMEOUT",
  "TTL_NOT_KEPT",
  "VALUE_CHANGED",
  "EVICTION_OFF",
  "MEMORY_HIGH",
  "HIT_RATE_LOW",
  "TOO_FEW_REQUESTS",
  "RESPONSE_SLOW",
  "PLAN_DIFFERS",
  "APP_UNREACHABLE",
  "APP_CACHE_OFF",
  "APP_NOT_USING_CACHE",
  "SETTINGS_DIFFER",
  "SETTINGS_REMOVED",
  "SECRET_REF_UNRESOLVED",
  "APP_STOPPED",
  "CACHE_FAR",
  "KEY_OLD",
] as const;
export type Code = (typeof CODES)[number];

export type Verdict = "healthy" | "degraded" | "failed" | "disabled";
export type Impact = "none" | "slower" | "users-affected" | "unknown";

interface CheckBase {
  id: CheckId;
  title: string;
  observed?: string;
  expected?: string;
  durationMs: number;
}
/** Went well, or was not asked: a code only where the skip has a reason worth telling apart. */
export interface QuietCheck extends CheckBase {
  status: "pass" | "skip";
  code?: Code;
  hint?: string;
  advice?: WrittenAdvice;
}
/** Something to act on: always says which fault it is and what to do about it. */
export interface LoudCheck extends CheckBase {
  status: "warn" | "fail";
  code: Code;
  /** The whole advice on one line, commands included. */
  hint: string;
  /** The same in its parts. Absent in reports that were written before it existed. */
  advice?: WrittenAdvice;
}
export type CheckResult = QuietCheck | LoudCheck;

export interface Measurements {
  /** Round trips of PING on the open connection, in milliseconds. */
  latencyMs?: { p50: number; p95: number; max: number; samples: number };
  /** The time that the TCP connection took: one round trip of the network. */
  networkMs?: number;
  connectMs?: { dns?: number; tcp?: number; tls?: number; auth?: number };
  memoryUsedBytes?: number;
  memoryLimitBytes?: number;
  /** Hits as a share (0 to 1) of the look-ups of keys, since the server started or since `hitRateSince`. */
  hitRate?: number;
  /** ISO 8601, UTC: the earlier run from which on `hitRate` counts. */
  hitRateSince?: string;
  /** Look-ups that found something, since the server started. */
  keyspaceHits?: number;
  /** Look-ups that found nothing, since the server started. */
  keyspaceMisses?: number;
  /** Commands that the server has executed since it started. */
  commandsProcessed?: number;
  keys?: number;
  connectedClients?: number;
  evictedKeys?: number;
  uptimeSeconds?: number;
  serverVersion?: string;
}

/** What an earlier run said of the same cache: enough to know what has changed. */
export interface PreviousRun {
  /** ISO 8601, UTC. */
  at: string;
  verdict: Verdict;
  /** Of its warnings and failures. */
  codes: Code[];
  plan?: string;
  /** Median round trip in milliseconds. */
  p50Ms?: number;
  memoryUsedBytes?: number;
  evictedKeys?: number;
}

/** A limit that is reached at the present rate. */
export interface Forecast {
  what: "commands" | "memory";
  /** Commands a calendar month, or bytes. */
  limit: number;
  /** ISO 8601, UTC. */
  endsAt: string;
}

/** One cache, checked once. */
export interface Report {
  stack?: string;
  plan?: string;
  provider?: string;
  /** host:port; empty when there is no cache to speak of. */
  endpoint: string;
  verdict: Verdict;
  impact: Impact;
  /** What ends the impact for users at once: a command that has the app continue without its cache. */
  now?: WrittenAdvice;
  durationMs: number;
  /** Redis commands that the check sent, handshake included. */
  commandsUsed: number;
  checks: CheckResult[];
  measurements: Measurements;
  /** What its figures were judged by, where there were figures. */
  thresholds?: Thresholds;
  /** The last run before this one, where there is a history. */
  previous?: PreviousRun;
  /** What the app counts of its functions since its process started, where it was asked and counts. */
  functions?: FunctionUse[];
  /** What runs out at the present rate, where the history is long enough. */
  forecasts?: Forecast[];
}

/** A cache that was asked for, among others, and could not be checked at all. */
export interface NotAsked {
  stack: string;
  reason: string;
  /** What to type next. */
  hint: string;
  advice?: WrittenAdvice;
}

/** What `verify` answers: always a list, also for one cache. */
export interface ReportSet {
  schema: 1;
  /** ISO 8601, UTC. */
  generatedAt: string;
  verdict: Verdict;
  impact: Impact;
  reports: Report[];
  /** Those of several caches of which nothing is known, not even that they fail. */
  notAsked?: NotAsked[];
  /** Lines of the history that could not be used: torn, strange, or too long. */
  skippedHistoryLines?: number;
}
