/** A check that runs by the clock: how long it has not been well, and when somebody is told. Pure. */

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
}

/** What a run came to: `unasked` is a check that could not be made, of which nobody knows whether the cache is well. */
export type Outcome = "well" | "failed" | "unasked";

export interface Run {
  outcome: Outcome;
  /** ISO 8601, UTC. */
  at: string;
  change?: string | undefined;
}

/** By what `verify` and `drift` end with. */
export function outcomeOf(exitCode: number): Outcome {
  if (exitCode === 0) return "well";
  return exitCode === 1 ? "failed" : "unasked";
}

/** The state after a run; one without a state before is the first. */
export function nextWatch(before: Watch | undefined, { outcome, at, change }: Run): Watch {
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

/** What there is to tell: nothing yet before the `after`th failure in a row. */
export function actionFor({ failures }: Watch, after: number): "alarm" | "well" | "none" {
  if (failures === 0) return "well";
  return failures >= after ? "alarm" : "none";
}

/** Reads what an earlier run kept. @returns undefined where it is lost or strange: counting begins anew */
export function parseWatch(json: string): Watch | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof raw !== "object" || raw === null) return undefined;
  const { schema, failures, since, change, wellAt } = raw as Record<string, unknown>;
  if (schema !== 1 || !Number.isInteger(failures) || Number(failures) < 0) return undefined;
  const isTime = (value: unknown): value is string =>
    typeof value === "string" && !Number.isNaN(Date.parse(value));
  return {
    schema: 1,
    failures: Number(failures),
    ...(isTime(since) ? { since } : {}),
    ...(typeof change === "string" ? { change } : {}),
    ...(isTime(wellAt) ? { wellAt } : {}),
  };
}
