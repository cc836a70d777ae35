/** A check that runs by the clock: how long it has failed, and when people are informed. Pure. */
import { parseJson } from "../../base/json.ts";

export interface Watch {
  schema: 1;
  /** Runs in a row that did not end well; each was checked again at once. */
  failures: number;
  /** When the first of them ran: ISO 8601, UTC. */
  since?: string;
  /** What was different from the run before it, in words. */
  change?: string;
  /** The last run that was well: ISO 8601, UTC. */
  wellAt?: string;
  /** This run: ISO 8601, UTC. */
  at?: string;
  /** The run before this one, if more than two intervals passed since: checks did not run. */
  missedSince?: string;
}

/** What a run came to: `unasked` is a check that could not be made, of which nobody knows whether the cache is well. */
export type Outcome = "well" | "failed" | "unasked";

export interface Run {
  outcome: Outcome;
  /** ISO 8601, UTC. */
  at: string;
  change?: string | undefined;
  /** How often the schedule starts a run; absent: gaps are not looked for. */
  intervalMs?: number;
}

/** A schedule may be late; two intervals without a run are a gap. */
const MOST_INTERVALS = 2;

/** By what `verify` and `drift` end with. */
export function outcomeOf(exitCode: number): Outcome {
  if (exitCode === 0) return "well";
  return exitCode === 1 ? "failed" : "unasked";
}

/** The state after a run; one without a state before is the first. */
export function nextWatch(before: Watch | undefined, run: Run): Watch {
  return { ...counted(before, run), at: run.at, ...missed(before, run) };
}

function missed(before: Watch | undefined, { at, intervalMs }: Run): Pick<Watch, "missedSince"> {
  if (before?.at === undefined || intervalMs === undefined) return {};
  const passedMs = Date.parse(at) - Date.parse(before.at);
  return passedMs > intervalMs * MOST_INTERVALS ? { missedSince: before.at } : {};
}

function counted(before: Watch | undefined, { outcome, at, change }: Run): Watch {
  if (outcome === "well") return { schema: 1, failures: 0, wellAt: at };
  const goesOn = before !== undefined && before.failures > 0;
  const first = goesOn ? before : { since: at, ...(change === undefined ? {} : { change }) };
  return {
    schema: 1,
    failures: (before?.failures ?? 0) + 1,
    ...(first.since === undefined ? {} : { since: first.since }),
    ...(first.change === undefined ? {} : { change: first.change }),
    ...(before?.wellAt === undefined ? {} : { wellAt: before.wellAt }),
  };
}

/** What there is to report: nothing yet before the `after`th failure in a row. */
export function actionFor({ failures, missedSince }: Watch, after: number): "alarm" | "well" | "none" {
  if (missedSince !== undefined) return "alarm";
  if (failures === 0) return "well";
  return failures >= after ? "alarm" : "none";
}

/** Reads what an earlier run kept. @returns undefined where it is lost or strange: counting begins anew */
export function parseWatch(json: string): Watch | undefined {
  const raw = parseJson(json);
  if (typeof raw !== "object" || raw === null) return undefined;
  const { schema, failures, since, change, wellAt, at, missedSince } = raw as Record<string, unknown>;
  if (schema !== 1 || !Number.isInteger(failures) || Number(failures) < 0) return undefined;
  const isTime = (value: unknown): value is string =>
    typeof value === "string" && !Number.isNaN(Date.parse(value));
  return {
    schema: 1,
    failures: Number(failures),
    ...(isTime(since) ? { since } : {}),
    ...(typeof change === "string" ? { change } : {}),
    ...(isTime(wellAt) ? { wellAt } : {}),
    ...(isTime(at) ? { at } : {}),
    ...(isTime(missedSince) ? { missedSince } : {}),
  };
}
