/** The thresholds: figures that are not faults, but may call for action. Never more than a warning. */
import type { Finding } from "../finding.ts";
import { judgeEviction } from "./eviction.ts";
import type { Evidence } from "./evidence.ts";
import { judgeHitRate } from "./hit-rate.ts";
import { judgeLatency } from "./latency.ts";
import { judgeMemory } from "./memory.ts";

const JUDGES: readonly ((evidence: Evidence) => Finding)[] = [
  judgeMemory,
  judgeEviction,
  judgeHitRate,
  judgeLatency,
];

export function judge(evidence: Evidence): Finding[] {
  return JUDGES.map((judgeOne) => judgeOne(evidence));
}
