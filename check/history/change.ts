/** What has changed since the last run, in words. */

import { counted } from "../../base/counted.ts";
import type { CheckResult, Code, PreviousRun, Report } from "../report.ts";
import { latencyInWords, memoryInWords, timeInWords } from "../words.ts";

/** Of the limit, or of what was used where there is none, and at least this much: smaller moves are everyday life. */
const MEMORY_MOVED = { share: 0.1, bytes: 1024 * 1024 };
/** Times slower or quicker, and by at least this much: below it is noise. */
const LATENCY_MOVED = { times: 2, ms: 1 };

/**
 * @param now ISO 8601: an event of the same day shows its time only
 * @returns a sentence, as in `Since 21:05 UTC: healthy → failed (AUTH_WRONG).`; undefined without an earlier run
 */
export function changeInWords(report: Report, now: string): string | undefined {
  const { previous } = report;
  if (previous === undefined) return undefined;
  const moved = [verdictMoved(previous, report), ...figuresMoved(previous, report)];
  return `Since ${timeInWords(previous.at, now)}: ${moved.join("; ")}.`;
}

/** The codes of what is to be acted on, each once, in the report's order. */
export function codesOf(checks: readonly CheckResult[]): Code[] {
  const codes = checks.flatMap((check) =>
    check.status === "warn" || check.status === "fail" ? [check.code] : [],
  );
  return [...new Set(codes)];
}

function verdictMoved(before: PreviousRun, { verdict, checks }: Report): string {
  const codes = codesOf(checks);
  if (before.verdict !== verdict) return `${before.verdict} → ${verdict}${listed(codes)}`;
  const came = codes.filter((code) => !before.codes.includes(code));
  const went = before.codes.filter((code) => !codes.includes(code));
  const moved = [came.length > 0 && `new: ${came.join(", ")}`, went.length > 0 && `gone: ${went.join(", ")}`];
  return [`still ${verdict}`, ...moved.filter((each) => each !== false)].join("; ");
}

function listed(codes: readonly Code[]): string {
  return codes.length === 0 ? "" : ` (${codes.join(", ")})`;
}

function figuresMoved(before: PreviousRun, { plan, measurements }: Report): string[] {
  const { latencyMs, memoryUsedBytes, memoryLimitBytes, evictedKeys } = measurements;
  const moves: string[] = [];
  if (before.plan !== undefined && plan !== undefined && before.plan !== plan)
    moves.push(`plan ${before.plan} → ${plan}`);
  if (before.p50Ms !== undefined && latencyMs !== undefined && hasMoved(before.p50Ms, latencyMs.p50))
    moves.push(`p50 ${latencyInWords(before.p50Ms)} → ${latencyInWords(latencyMs.p50)}`);
  if (before.memoryUsedBytes !== undefined && memoryUsedBytes !== undefined) {
    const movedBytes = Math.abs(memoryUsedBytes - before.memoryUsedBytes);
    const share = MEMORY_MOVED.share * (memoryLimitBytes ?? before.memoryUsedBytes);
    if (movedBytes >= Math.max(share, MEMORY_MOVED.bytes))
      moves.push(`memory ${memoryInWords(before.memoryUsedBytes)} → ${memoryInWords(memoryUsedBytes)}`);
  }
  // Fewer than before: the server has been started anew, and counts from nothing.
  const evicted = (evictedKeys ?? 0) - (before.evictedKeys ?? evictedKeys ?? 0);
  if (evicted > 0) moves.push(`${counted(evicted, "key")} evicted`);
  return moves;
}

function hasMoved(beforeMs: number, afterMs: number): boolean {
  const [low, high] = [Math.min(beforeMs, afterMs), Math.max(beforeMs, afterMs)];
  return high >= low * LATENCY_MOVED.times && high - low >= LATENCY_MOVED.ms;
}
