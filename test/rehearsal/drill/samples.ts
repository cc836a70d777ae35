/** Requests as a load generator records them, for tests of what follows from them. */
import type { Observation, Reference } from "../../../rehearsal/drill/judge.ts";
import type { Sample } from "../../../rehearsal/drill/load.ts";

export const REFERENCE: Reference = {
  p50Ms: 10,
  p99Ms: 20,
  coldP99Ms: 300,
  failedShares: new Map([["u", 0]]),
};

export function answered(ms: number, status = 200, startedMs = 0): Sample {
  return { url: "u", startedMs, endedMs: startedMs + ms, status };
}

export function times(count: number, sample: Sample): Sample[] {
  return Array.from({ length: count }, () => ({ ...sample }));
}

/** A fault of 10 s, without impact unless `changes` say otherwise. */
export function anObservation(changes: Partial<Observation> = {}): Observation {
  return {
    fault: "down",
    beganMs: 0,
    endedMs: 10_000,
    givenUpMs: 12_000,
    during: times(200, answered(15)),
    after: times(5, answered(15, 200, 10_500)),
    started: true,
    recoveredAfterMs: 400,
    ...changes,
  };
}
