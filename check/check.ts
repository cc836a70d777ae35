/** The check: real traffic to a cache, bounded in time and in commands, and a report whatever happens. */
import { commandLine } from "../base/command.ts";
import { foreignText } from "../base/safe-text.ts";
import { isUnused, judgeApp, mergeApps } from "./app/judge.ts";
import { type AppLook, startLook } from "./app/look.ts";
import { endOfImpact } from "./consequences.ts";
import { startDeadline } from "./deadline.ts";
import { describe, TITLES } from "./describe.ts";
import { DEFAULT_EXPECTATIONS, type Expectations } from "./expectations.ts";
import { Fault } from "./faults/fault.ts";
import type { FunctionUse } from "./functions/use.ts";
import type { Info } from "./info.ts";
import { judge } from "./judge/judge.ts";
import { judgeKeyAge } from "./judge/key-age.ts";
import { type Counters, type LookUps, lookUps } from "./judge/look-ups.ts";
import { judgePlan } from "./judge/plan.ts";
import { type Thresholds, thresholdsOf } from "./judge/thresholds.ts";
import { connect } from "./probe/connect.ts";
import { exchange } from "./probe/exchange.ts";
import { measureLatency } from "./probe/latency.ts";
import { type Run, roundMs } from "./probe/run.ts";
import { signIn } from "./probe/sign-in.ts";
import { redactor } from "./redact.ts";
import type { CheckResult, Measurements, Report } from "./report.ts";
import type { Subject } from "./subject.ts";
import { endpointOf, secretsOf } from "./target.ts";
import { impactOf, verdictOf } from "./verdict.ts";
import type { Connection } from "./wire/connection.ts";

export type { Provider, Subject } from "./subject.ts";

export interface CheckOptions {
  /** Milliseconds for the whole check; default 10,000. Held whatever the server does. */
  deadlineMs?: number;
  /** PINGs to time; default 10. */
  samples?: number;
  /** What the last run found counted: the hit rate is then that of the time since. */
  since?: Counters;
  /** Ends the check early: it rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Reports what is being checked, in a word or two. */
  onProgress?: (title: string) => void;
}

/**
 * Checks a cache the way its app uses it: finds, connects, signs in, writes, reads, lets expire, removes, looks at its
 * figures, measures its answers. Sends at most 30 commands at the default number of samples, in two round trips (a
 * third for clusters) in addition to connecting and the samples. Keys are its own, have an end, and are removed.
 * @returns the report; a fault of the cache is in it
 * @throws only the signal's reason, or for a subject that is enabled and has neither target nor apps
 */
export async function checkCache(subject: Subject, options: CheckOptions = {}): Promise<Report> {
  const { target, apps = [] } = subject;
  if (!subject.enabled) return disabledReport(subject);
  if (target === undefined && apps.length === 0)
    throw new TypeError("A cache that is enabled needs a target.");
  options.signal?.throwIfAborted();

  const redact = redactor(secretsOf(target));
  const startedAt = performance.now();
  let functions: FunctionUse[] = [];
  let thresholds: Thresholds | undefined;
  const deadline = startDeadline(options.deadlineMs ?? 10_000, options.signal);
  const run: Omit<Run, "target"> = {
    deadline,
    found: [{ id: "enabled", status: "pass", observed: "yes" }],
    measurements: {},
    meter: { commands: 0 },
    onStage: (id) => options.onProgress?.(TITLES[id]),
  };
  const look = startLook(apps, { deadline, redact });
  try {
    // The settings of an app may not even say where its cache is: then they are what is wrong.
    const info = target && (await probe({ ...run, target }, options.samples ?? 10, look));
    options.signal?.throwIfAborted();
    if (info !== undefined) weigh(run, cleaned(info, redact), subject, options);
    thresholds = info && thresholdsOf(expectationsOf(subject), run.measurements.memoryLimitBytes);
    run.found.push(...(await look.findings()));
    functions = await look.functions();
  } finally {
    deadline.end();
  }
  const checks = describe(run.found, subject, redact);
  return {
    ...identity(subject),
    verdict: verdictOf(checks),
    ...impactWith(checks, subject),
    durationMs: roundMs(performance.now() - startedAt),
    commandsUsed: run.meter.commands,
    checks,
    measurements: run.measurements,
    ...(thresholds === undefined ? {} : { thresholds }),
    ...(functions.length === 0 ? {} : { functions }),
  };
}

/** @returns what INFO said; undefined when the check did not get that far */
async function probe(run: Run, samples: number, look: AppLook): Promise<Info | undefined> {
  let connection: Connection | undefined;
  let info: Info | undefined;
  try {
    const connected = await connect(run);
    connection = connected.connection;
    await signIn(connection, connected.place, run);
    info = await exchange(connection, run);
    await measureLatency(connection, samples, run);
    await look.lookForOthers(connection);
  } catch (error) {
    // Noted where it happened.
    if (!(error instanceof Fault)) throw error;
  } finally {
    connection?.close();
  }
  return info;
}

/** The only words among the figures come from the server. */
function cleaned(info: Info, redact: (text: string) => string): Info {
  const { serverVersion } = info;
  return serverVersion === undefined
    ? info
    : { ...info, serverVersion: foreignText(serverVersion, redact, 40) };
}

/** Turns what the server reports about itself into measurements, and judges them. */
function weigh(
  run: Pick<Run, "found" | "measurements">,
  info: Info,
  subject: Subject,
  { since }: CheckOptions,
): void {
  const counted = lookUps(info, since, Date.now());
  Object.assign(run.measurements, measured(info, counted, subject.memoryLimitMb));
  const known = new Set(run.found.map(({ id }) => id));
  const evidence = {
    info: { ...info, ...counted },
    measurements: run.measurements,
    expect: expectationsOf(subject),
    evictionExpected: subject.evictionExpected ?? true,
  };
  // Latency may have met a fault, which says more than its figures.
  run.found.push(
    ...judge(evidence).filter(({ id }) => !known.has(id)),
    ...judgePlan(subject, info),
    ...judgeKeyAge(subject, Date.now()),
  );
}

function expectationsOf({ expect }: Subject): Expectations {
  return expect ?? DEFAULT_EXPECTATIONS;
}

/** @param memoryLimitMb the plan's, in MiB; without one the server's own limit counts */
function measured(info: Info, counted: LookUps, memoryLimitMb: number | undefined): Measurements {
  const {
    usedBytes,
    maxBytes,
    hits,
    misses,
    keys,
    connectedClients,
    evictedKeys,
    uptimeSeconds,
    serverVersion,
    commandsProcessed,
  } = info;
  const limit = memoryLimitMb === undefined ? maxBytes : memoryLimitMb * 1024 * 1024;
  const rate = hitRateOf(counted);
  return {
    ...(usedBytes === undefined ? {} : { memoryUsedBytes: usedBytes }),
    ...(limit === undefined || limit === 0 ? {} : { memoryLimitBytes: limit }),
    ...(rate === undefined ? {} : { hitRate: rate }),
    ...(counted.since === undefined ? {} : { hitRateSince: counted.since }),
    ...(hits === undefined ? {} : { keyspaceHits: hits }),
    ...(misses === undefined ? {} : { keyspaceMisses: misses }),
    ...(keys === undefined ? {} : { keys }),
    ...(connectedClients === undefined ? {} : { connectedClients }),
    ...(evictedKeys === undefined ? {} : { evictedKeys }),
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(commandsProcessed === undefined ? {} : { commandsProcessed }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
  };
}

function hitRateOf({ hits, misses = 0 }: LookUps): number | undefined {
  return hits === undefined || hits + misses === 0 ? undefined : hits / (hits + misses);
}

/** A cache that is off is well as long as its apps know: one that still has it on is reported, and nothing more is asked. */
function disabledReport(subject: Subject): Report {
  const observed = "REDIS_ENABLED is false: the app runs without a cache";
  const apps = (subject.apps ?? []).map((app) => ({
    name: app.name,
    findings: judgeApp({ app }).filter((finding) => !isUnused(finding, app)),
  }));
  const loud = mergeApps(apps).filter(({ status }) => status === "fail");
  const checks = describe([{ id: "enabled", status: "skip", observed }, ...loud], subject, (text) => text);
  return {
    ...identity(subject),
    verdict: loud.length > 0 ? "failed" : "disabled",
    ...impactWith(checks, subject),
    durationMs: 0,
    commandsUsed: 0,
    checks: checks.filter(({ observed }) => observed !== undefined),
    measurements: {},
  };
}

/** What the failures mean for users, with the command that ends it. */
function impactWith(checks: readonly CheckResult[], subject: Subject): Pick<Report, "impact" | "now"> {
  const impact = impactOf(checks);
  const off = endOfImpact(checks, impact, subject);
  if (off === undefined) return { impact };
  return {
    impact,
    now: { say: "End the impact: the app runs without its cache.", run: [commandLine(off)] },
  };
}

function identity({
  stack,
  plan,
  provider,
  target,
}: Subject): Pick<Report, "stack" | "plan" | "provider" | "endpoint"> {
  return {
    ...(stack === undefined ? {} : { stack }),
    ...(plan === undefined ? {} : { plan }),
    ...(provider === undefined ? {} : { provider }),
    endpoint: target === undefined ? "" : endpointOf(target),
  };
}
