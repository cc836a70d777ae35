/** What the judges weigh. */
import type { Expectations } from "../expectations.ts";
import type { Info } from "../info.ts";
import type { Measurements } from "../report.ts";

export interface Evidence {
  /** Its hits and misses are those to judge by: since `measurements.hitRateSince`, where that is set. */
  info: Info;
  measurements: Measurements;
  expect: Expectations;
  /** False: nobody expects this cache to make room by itself. */
  evictionExpected: boolean;
}
