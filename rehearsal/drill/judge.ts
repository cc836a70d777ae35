/** From what was measured during a fault to its verdict. Pure. */
import type { FaultName } from "./faults.ts";
import { isSuccess, latencyMs, percentile, type Sample } from "./load.ts";
import type { FaultCode, Latency } from "./report.ts";

/** The process ended. */
export interface Death {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: string | null;
  /** After the beginning of the fault. */
  afterMs: number;
  /** The last line of the app's output. */
  lastLine?: string;
}

/** What was seen of one fault. Times are those of `performance.now()`. */
export interface Observation {
  fault: FaultName;
  beganMs: number;
  endedMs: number;
  /** Requests without an answer by then have failed. */
  givenUpMs: number;
  /** Requests begun during the fault. */
  during: readonly Sample[];
  /** Requests after it that have an answer. */
  after: readonly Sample[];
  /** Only `start-without`: whether the app accepted connections while Redis was down. */
  started: boolean;
  death?: Death;
  recoveredAfterMs?: number;
}

/** What the app does without a cache: what a fault is compared with. */
export interface Reference extends Latency {
  /** Share of failed requests, by URL. */
  failedShares: ReadonlyMap<string, number>;
  /** The p99 from the first request of a fresh process on. It is slower than all others, with and without a cache. */
  coldP99Ms: number;
}

export interface Judgement extends Partial<Latency> {
  code?: FaultCode;
  /** Requests that are compared: those that succeed without a cache. */
  requests: { sent: number; failed: number };
  afterwards: { sent: number; failed: number };
  /** Requests that took longer than `allowedMs`. */
  slow: number;
  /** The p99 that is allowed. */
  allowedMs: number;
}

/** A URL that fails more often than this without a cache is not compared. */
const COMPARED_UP_TO = 0.5;

export function judge(seen: Observation, reference: Reference, limitMs: number): Judgement {
  const isCold = seen.fault === "start-without";
  const allowedMs = limitMs + (isCold ? Math.max(reference.coldP99Ms, reference.p99Ms) : reference.p99Ms);
  const during = seen.during.filter((sample) => isCompared(sample, reference));
  const after = seen.after.filter((sample) => isCompared(sample, reference));
  const latencies = during.map((sample) => latencyMs(sample, seen.givenUpMs));
  const p50Ms = percentile(latencies, 0.5);
  const p99Ms = percentile(latencies, 0.99);
  const failed = during.filter((sample) => !isSuccess(sample) || isUnanswered(sample, seen)).length;
  const failedAfter = after.filter((sample) => !isSuccess(sample)).length;
  const tooMany = failed > expected(during, reference) || failedAfter > expected(after, reference);
  const code = firstOf([
    ["DID_NOT_START", !seen.started],
    ["APP_DIED", seen.death !== undefined],
    ["REQUESTS_FAILED", tooMany],
    ["REQUESTS_SLOW", p99Ms !== undefined && p99Ms > allowedMs],
    ["NOT_RECOVERED", seen.recoveredAfterMs === undefined],
  ]);
  return {
    ...(code === undefined ? {} : { code }),
    requests: { sent: during.length, failed },
    afterwards: { sent: after.length, failed: failedAfter },
    ...(p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }),
    slow: latencies.filter((ms) => ms > allowedMs).length,
    allowedMs,
  };
}

/**
 * Whether a minority of the requests was slow: pauses of a busy machine look the same. An app that really makes some
 * of its users wait does so each time.
 */
export function isMarginal({ code, slow, requests }: Judgement): boolean {
  return code === "REQUESTS_SLOW" && slow <= Math.max(1, requests.sent * MARGINAL_SHARE);
}

const MARGINAL_SHARE = 0.25;

export function isCompared({ url }: Sample, { failedShares }: Reference): boolean {
  return (failedShares.get(url) ?? 0) <= COMPARED_UP_TO;
}

/** A request of a URL that also fails without a cache, now and then, may do so during a fault. */
function expected(samples: readonly Sample[], { failedShares }: Reference): number {
  const shares = samples.map(({ url }) => failedShares.get(url) ?? 0);
  return Math.ceil(2 * shares.reduce((sum, share) => sum + share, 0));
}

/** Whether the app gave no answer in time. One that comes later changes nothing for its user. */
export function isUnanswered(
  { endedMs = Number.POSITIVE_INFINITY }: Sample,
  { givenUpMs }: Pick<Observation, "givenUpMs">,
): boolean {
  return endedMs > givenUpMs;
}

function firstOf(codes: readonly (readonly [FaultCode, boolean])[]): FaultCode | undefined {
  return codes.find(([, holds]) => holds)?.[0];
}
