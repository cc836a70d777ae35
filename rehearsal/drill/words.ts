/** What was measured, in the words of what users would have seen. */

import { commandLine, propiq } from "../../base/command.ts";
import { counted } from "../../base/counted.ts";
import { remedyOf } from "./client-settings.ts";
import type { FaultName } from "./faults.ts";
import { type Death, isUnanswered, type Judgement, type Observation } from "./judge.ts";
import { isSuccess, type Sample } from "./load.ts";
import type { ClientSettings, DrillReport, FaultCode, FaultResult } from "./report.ts";

type Failure = Judgement & { code: FaultCode };

export function passed(seen: Observation, judgement: Judgement): FaultResult {
  return {
    ...figures(seen, judgement),
    verdict: "passed",
    observed: "No request failed, and none waited for Redis.",
  };
}

export function failed(seen: Observation, failure: Failure, repeat: string): FaultResult {
  const { code } = failure;
  const hasWaited = seen.during.some((sample) => isUnanswered(sample, seen));
  const { say, settings } = remedyOf(code, seen.fault, hasWaited);
  return {
    ...figures(seen, failure),
    verdict: "failed",
    code,
    observed: OBSERVED[code](seen, failure),
    hint: say,
    clientSettings: settings,
    repeat,
  };
}

/** A fault that could not be tried, because the app did not recover from the previous one. */
export function skipped(fault: FaultName): FaultResult {
  return {
    fault,
    verdict: "skipped",
    requests: { sent: 0, failed: 0 },
    observed: "Not tried: the app could not be started again with a working cache.",
  };
}

function figures(seen: Observation, { requests, afterwards, p50Ms, p99Ms }: Judgement) {
  const { fault, recoveredAfterMs } = seen;
  return {
    fault,
    requests,
    ...(afterwards.sent === 0 ? {} : { afterwards }),
    ...(p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms: tenth(p50Ms), p99Ms: tenth(p99Ms) }),
    ...(recoveredAfterMs === undefined ? {} : { recoveredAfterMs: Math.round(recoveredAfterMs) }),
  };
}

const OBSERVED: Readonly<Record<FaultCode, (seen: Observation, failure: Failure) => string>> = {
  DID_NOT_START: ({ death }) =>
    death === undefined
      ? "The app accepted no connection while Redis was down: after a restart at the wrong moment, users reach nothing."
      : `The app ended at its start, ${inSeconds(death.afterMs)} after it, because Redis was down (${cause(death)}). Users reach nothing.`,
  APP_DIED: ({ death }) =>
    death === undefined
      ? "The app ended."
      : `The app ended ${inSeconds(death.afterMs)} after the fault began (${cause(death)}). Users reach nothing until it is started again.`,
  REQUESTS_FAILED: (seen, { requests, afterwards }) => {
    if (requests.failed === 0) {
      return `${afterwards.failed} of ${counted(afterwards.sent, "request")} after the fault failed (${reasons(seen.after, seen)}): users see errors.`;
    }
    return `${requests.failed} of ${counted(requests.sent, "request")} failed (${reasons(seen.during, seen)}): users see errors.`;
  },
  REQUESTS_SLOW: (seen, { p50Ms = 0, p99Ms = 0, slow, requests, allowedMs }) => {
    const lasted = inSeconds(seen.endedMs - seen.beganMs);
    return p50Ms > allowedMs
      ? `For ${lasted} a typical request took ${inSeconds(p50Ms)}, the slowest ${inSeconds(p99Ms)}: the app waits for its cache. Up to ${inMs(allowedMs)} is allowed.`
      : `${slow} of ${counted(requests.sent, "request")} took longer than the allowed ${inMs(allowedMs)}, up to ${inSeconds(p99Ms)}: the app waits for its cache.`;
  },
  NOT_RECOVERED: ({ fault }) =>
    `No request failed, but ${fault === "drop" ? "10 s after the connections were cut" : "10 s after the fault"} the app still did not use its cache. It stays slow until it is started again.`,
};

function cause({ code, signal, lastLine }: Death): string {
  const end = code === null ? `signal ${signal}` : `exit code ${code}`;
  return lastLine === undefined ? end : `${end}: "${lastLine}"`;
}

/** "HTTP 500, no answer in time", the most frequent first. */
function reasons(samples: readonly Sample[], seen: Observation): string {
  const groups = Map.groupBy(samples, (sample) => reason(sample, seen));
  groups.delete(undefined);
  return [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([words]) => words)
    .join(", ");
}

/** Why a request failed; undefined when it did not. */
function reason(sample: Sample, seen: Observation): string | undefined {
  const isOfFault = sample.startedMs < seen.endedMs;
  if (isOfFault && isUnanswered(sample, seen)) return "no answer in time";
  if (isSuccess(sample)) return undefined;
  return sample.error ?? `HTTP ${sample.status}`;
}

/** A line of progress. */
export function resultInWords(result: FaultResult): string {
  const { fault, verdict, observed, recoveredAfterMs } = result;
  const recovered =
    recoveredAfterMs === undefined ? "" : ` Cache used again after ${inSeconds(recoveredAfterMs)}.`;
  return result.verdict === "failed"
    ? `${fault}: failed, ${result.code}. ${observed}`
    : `${fault}: ${verdict}.${verdict === "passed" ? recovered : ` ${observed}`}`;
}

/** What to change, each once, with the faults that it is for. */
export function remediesOf({
  faults,
}: DrillReport): { faults: FaultName[]; hint: string; settings: ClientSettings }[] {
  const failures = faults.filter((result) => result.verdict === "failed");
  return [...Map.groupBy(failures, ({ hint }) => hint)].flatMap(([hint, group]) => {
    const [first] = group;
    return first === undefined
      ? []
      : [{ faults: group.map(({ fault }) => fault), hint, settings: first.clientSettings }];
  });
}

/** The whole result in a sentence. */
export function verdictInWords({ faults }: DrillReport): string {
  const named = (wanted: FaultResult["verdict"]) =>
    faults.filter(({ verdict }) => verdict === wanted).map(({ fault }) => fault);
  const [bad, untried] = [named("failed"), named("skipped")];
  const count = counted(faults.length, "fault");
  const parts = [
    bad.length === 0 ? "" : `${bad.length} of ${count} would have hit users: ${bad.join(", ")}.`,
    untried.length === 0 ? "" : `Not tried: ${untried.join(", ")}.`,
  ].filter((each) => each !== "");
  return parts.join(" ") || `${count} survived without impact on users.`;
}

interface Repeatable {
  command: readonly string[];
  requests: readonly string[];
  health?: string;
  faultSeconds: number;
  limitMs: number;
  envFilePath?: string;
}

/** Options that differ from this are repeated. */
export const DEFAULTS = { faultSeconds: 10, limitMs: 100 } as const;

/** The command that tries one fault again. */
export function repeatCommand(fault: FaultName, options: Repeatable): string {
  const { command, requests, health, faultSeconds, limitMs, envFilePath } = options;
  return commandLine(
    propiq(
      ...["drill", "--faults", fault],
      ...requests.flatMap((url) => ["--request", url]),
      ...(health === undefined ? [] : ["--health", health]),
      ...(faultSeconds === DEFAULTS.faultSeconds ? [] : ["--fault-seconds", String(faultSeconds)]),
      ...(limitMs === DEFAULTS.limitMs ? [] : ["--limit-ms", String(limitMs)]),
      ...(envFilePath === undefined ? [] : ["--env-file", envFilePath]),
      ...["--", ...command],
    ),
  );
}

export function inSeconds(ms: number): string {
  if (ms < 1000) return inMs(ms);
  return `${(ms / 1000).toFixed(1).replace(/\.0$/, "")} s`;
}

export function inMs(ms: number): string {
  return ms < 10 ? `${tenth(ms)} ms` : `${Math.round(ms)} ms`;
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}
