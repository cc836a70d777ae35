/** What the probes of one check share. */
import type { Deadline } from "../deadline.ts";
import { Fault } from "../faults/fault.ts";
import type { Finding } from "../finding.ts";
import type { CheckId, Measurements } from "../report.ts";
import type { Target } from "../target.ts";
import type { Meter } from "../wire/connection.ts";

export interface Run {
  target: Target;
  deadline: Deadline;
  /** Grows in the order in which things were found. */
  found: Finding[];
  measurements: Measurements;
  meter: Meter;
  /** Reports that a stage begins. */
  onStage: (id: CheckId) => void;
}

/**
 * Runs one stage of a check. One that succeeds is noted with what `observe` says of it; one that fails is noted as
 * the fault's own check, or this one, and ends the check by throwing.
 */
export async function stage<T>(
  run: Run,
  id: CheckId,
  work: () => Promise<T>,
  observe: (result: T) => Omit<Finding, "id" | "status" | "code">,
): Promise<{ result: T; tookMs: number }> {
  run.onStage(id);
  const startedAt = performance.now();
  const tookMs = () => roundMs(performance.now() - startedAt);
  try {
    const result = await work();
    const durationMs = tookMs();
    run.found.push({ id, status: "pass", durationMs, ...observe(result) });
    return { result, tookMs: durationMs };
  } catch (error) {
    if (error instanceof Fault) run.found.push(failure(error, id, tookMs()));
    throw error;
  }
}

export function failure({ code, check, message }: Fault, id: CheckId, durationMs: number): Finding {
  return { id: check ?? id, status: "fail", code, observed: message, durationMs };
}

/** Milliseconds to the microsecond: the resolution of this process's clock. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
