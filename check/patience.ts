/** The check for a cache that was only just made: it may need a while to be there. */
import { type CheckOptions, checkCache, type Subject } from "./check.ts";
import type { Code, Report } from "./report.ts";

export interface PatienceOptions extends CheckOptions {
  /** Seconds within which an attempt may begin; 0 is a single attempt. */
  waitSeconds: number;
  /** Called with each report that was not well yet, with the seconds that are left. */
  onWait?: (report: Report, secondsLeft: number) => void;
}

/**
 * What is normal for a cache that is on its way. Not among them: a refused password and a certificate of another host,
 * which no waiting fixes.
 */
const PATIENT: ReadonlySet<Code> = new Set<Code>([
  "DNS_NOT_FOUND",
  "DNS_UNAVAILABLE",
  "TCP_REFUSED",
  "TCP_TIMEOUT",
  "UNREACHABLE",
  "CONNECTION_RESET",
  "LOADING",
  "TIMEOUT",
  "MASTER_DOWN",
  "CLUSTER_DOWN",
]);

const FIRST_PAUSE_MS = 100;
/** Pauses double up to this: 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, … seconds. */
const LONGEST_PAUSE_MS = 5000;

/**
 * Checks again as long as all that fails is normal after a create and there is time.
 * @returns the last report @throws the signal's reason
 */
export async function checkWithPatience(subject: Subject, options: PatienceOptions): Promise<Report> {
  const { waitSeconds, onWait, signal } = options;
  const endsAt = performance.now() + waitSeconds * 1000;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const report = await checkCache(subject, options);
    const leftMs = endsAt - performance.now();
    if (!worthWaiting(report) || leftMs <= 0) return report;
    onWait?.(report, leftMs / 1000);
    await pause(Math.min(pauseMs, leftMs), signal);
  }
}

function worthWaiting({ verdict, checks }: Report): boolean {
  return verdict === "failed" && checks.every((check) => check.status !== "fail" || PATIENT.has(check.code));
}

/** @throws the signal's reason */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const giveUp = () => reject(signal?.reason);
  signal?.addEventListener("abort", giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", giveUp);
  }
}
