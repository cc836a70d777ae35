/** The thresholds: figures that are no faults, but may call for action. Never more than a warning. */
import type { Expectations } from "../expectations.ts";
import type { Finding } from "../finding.ts";
import type { Info } from "../info.ts";
import type { Measurements } from "../report.ts";
import { judgeEviction } from "./eviction.ts";
import { judgeHitRate } from "./hit-rate.ts";
import { judgeLatency } from "./latency.ts";
import { judgeMemory } from "./memory.ts";

export interface Evidence {
  info: Info;
  measurements: Measurements;
  expect: Expectations;
  /** False: nobody expects this cache to make room by itself. */
  evictionExpected: boolean;
}

const JUDGES: readonly ((evidence: Evidence) => Finding)[] = [
  judgeMemory,
  judgeEviction,
  judgeHitRate,
  judgeLatency,
];

export function judge(evidence: Evidence): Finding[] {
  return JUDGES.map((judgeOne) => judgeOne(evidence));
}
