/** Puts an incident together: check, time, changes, commands. Reads only, needs no passphrase, and ends in time. */
import { type Advice, advice, writeAdvice } from "../../base/advice.ts";
import { placeWords } from "../../base/azure-cli.ts";
import { type Command, propiq, pulumi } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { fromRoot } from "../../base/paths.ts";
import { checkCache } from "../../check/check.ts";
import { providerOfHost } from "../../check/faults/provider-of-host.ts";
import { cacheOf, type PastRun } from "../../check/history/past-run.ts";
import type { Report } from "../../check/report.ts";
import type { Subject } from "../../check/subject.ts";
import { worstImpact, worstVerdict } from "../../check/verdict.ts";
import { findingInWords, impactInWords } from "../../check/words.ts";
import type { Arm } from "../../infra/azure/arm.ts";
import { CATALOGUE } from "../../infra/plans/catalogue.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import { inWords, openAzure, subscriptionFor } from "../stacks/azure.ts";
import { projectBackend } from "../stacks/backend.ts";
import { readStackConfig, type StackConfig } from "../stacks/config-file.ts";
import { openEnvironment, subjectFromApp } from "../subjects/apps.ts";
import { subjectFromEnvFile } from "../subjects/sources.ts";
import { activityIn } from "./activity-log.ts";
import { commitsOn, updatesOf } from "./changes.ts";
import { causesIn, decide, type IncidentFacts, worstOf } from "./judge.ts";
import { type Change, type IncidentReport, withoutEmptyRun } from "./report.ts";
import { sinceInChanges, sinceInHistory } from "./since.ts";

export interface Question {
  stack?: string | undefined;
  app?: IncidentFacts["app"];
  /** Runs of `verify --history`, oldest first. */
  runs?: readonly PastRun[];
}

/** Milliseconds for the whole answer, and for the check in it. */
const LIMITS = { wholeMs: 11_000, checkMs: 8000 } as const;
/** How far back changes are looked for. */
const WINDOW_MS = 7 * 24 * 3600 * 1000;
const MOST_CHANGES = 15;

/** @throws PropiqError where there is no such stack */
export async function incidentOf(question: Question): Promise<IncidentReport> {
  const signal = AbortSignal.timeout(LIMITS.wholeMs);
  const notAsked: IncidentReport["notAsked"] = [];
  const config = question.stack === undefined ? undefined : await readStackConfig(question.stack);
  const typed = typedCommand(question);
  const now = Date.now();
  const places = placesOf(question, { config, typed, signal });
  const early = changesOf({ stack: question.stack, config, places, now, signal, notAsked });
  const seen = await Promise.all(places.map((place) => look(place, { config, typed, signal, notAsked })));
  const found = seen.flatMap((each) => each ?? []);
  const [first, ...more] = found;
  const changes = await early;
  if (first === undefined) return nothingSeen(notAsked, changes, typed);
  const worst = worstOf([first, ...more]);
  const reports = found.map(({ report }) => report);
  const failed = reports.flatMap(causesIn);
  const codes = [...new Set(failed.map(({ code }) => code))];
  const runs = question.runs?.filter((run) => reports.some((report) => cacheOf(run) === cacheOf(report)));
  const since =
    failed.length === 0 ? undefined : (sinceInHistory(runs ?? []) ?? sinceInChanges(codes, changes));
  const decision = decide(worst);
  return {
    schema: 1,
    verdict: worstVerdict(reports.map(({ verdict }) => verdict)),
    impact: worstImpact(reports.map(({ impact }) => impact)),
    summary: impactInWords(worst.report),
    codes,
    ...(since === undefined ? {} : { since }),
    changes: changes.filter(({ at }) => since === undefined || at <= since).slice(0, MOST_CHANGES),
    now: withoutEmptyRun(decision.now),
    then: withoutEmptyRun(decision.then),
    observed: failed.map((check) => `${check.title}: ${findingInWords(check)}`),
    notAsked,
  };
}

/** Settings that lead to a cache: those of an app, or of an env file. */
interface Place {
  name: string;
  app?: NonNullable<IncidentFacts["app"]> & { healthUrl?: string | undefined };
  arm?: () => Promise<Arm>;
  envFile?: string;
}

function placesOf(
  { app }: Question,
  { config, typed, signal }: Pick<Given, "config" | "typed" | "signal">,
): Place[] {
  if (app !== undefined) return [{ name: app.name, app, arm: () => openEnvironment(typed, signal) }];
  if (config === undefined) return [];
  const { apps, envFile } = config.settings;
  if (apps.length > 0) return apps.map((each) => placeOf(config, each, signal));
  return envFile === undefined ? [] : [{ name: envFile, envFile: fromRoot(envFile) }];
}

function placeOf(config: StackConfig, app: AppConfig, signal: AbortSignal): Place {
  return {
    name: app.slot === undefined ? app.name : `${app.name}/${app.slot}`,
    app: { name: app.name, resourceGroup: app.resourceGroup, slot: app.slot, healthUrl: app.healthUrl },
    arm: async () => openAzure(config, await subscriptionFor(config, app), signal),
  };
}

interface Given {
  config: StackConfig | undefined;
  typed: Command;
  signal: AbortSignal;
  notAsked: IncidentReport["notAsked"];
}

type Seen = Omit<IncidentFacts, "report"> & { report: Report };

async function look(place: Place, { config, typed, signal, notAsked }: Given): Promise<Seen | undefined> {
  try {
    const subject = await subjectOf(place, typed, signal);
    const stack = config?.stack ?? subject.apps?.[0]?.stack;
    const wiring = (config ?? (await configOf(stack)))?.settings;
    const provider = providerOfHost(subject.target?.host) ?? (wiring && CATALOGUE[wiring.plan].provider);
    const report = await checked({ ...subject, ...(provider === undefined ? {} : { provider }) }, signal);
    return {
      ...{ report, stack, provider, app: place.app },
      ...{ isDisabled: !subject.enabled, isEnabledInConfig: wiring?.enabled },
    };
  } catch (error) {
    notAsked.push({ what: place.name, why: whyNot(error, signal, place.name) });
    return undefined;
  }
}

async function subjectOf(
  { app, arm, envFile }: Place,
  typed: Command,
  signal: AbortSignal,
): Promise<Subject> {
  if (app === undefined || arm === undefined) return await subjectFromEnvFile(envFile ?? ".env");
  const { name: appName, resourceGroup, slot, healthUrl } = app;
  return await subjectFromApp(
    { appName, resourceGroup, slot, healthUrl, arm: await arm() },
    { signal, typed },
  );
}

/** An app whose cache is disabled may be down for other reasons: its health is asked for all the same. */
async function checked(subject: Subject, signal: AbortSignal): Promise<Report> {
  const limits = { deadlineMs: LIMITS.checkMs, samples: 3, signal };
  const report = await checkCache(subject, limits);
  if (subject.enabled || subject.apps === undefined) return report;
  const { target: _, ...rest } = subject;
  const alone = await checkCache({ ...rest, enabled: true }, limits);
  const health = alone.checks.filter(({ id, status }) => id === "app-health" && status === "fail");
  if (health.length === 0) return report;
  const checks = [...report.checks.filter(({ id }) => id !== "app-health"), ...health];
  return { ...report, verdict: "failed", impact: "users-affected", checks };
}

async function configOf(stack: string | undefined): Promise<StackConfig | undefined> {
  if (stack === undefined) return undefined;
  try {
    return await readStackConfig(stack);
  } catch (error) {
    // The stack is another clone's.
    if (error instanceof PropiqError) return undefined;
    throw error;
  }
}

interface Around {
  stack: string | undefined;
  config: StackConfig | undefined;
  places: readonly Place[];
  now: number;
  signal: AbortSignal;
  notAsked: IncidentReport["notAsked"];
}

/** All that changed of late, newest first. What cannot be asked is noted, and hides nothing else. */
async function changesOf({ stack, config, places, now, signal, notAsked }: Around): Promise<Change[]> {
  const asked = async (what: string, work: () => Promise<Change[]>): Promise<Change[]> => {
    try {
      return await work();
    } catch (error) {
      notAsked.push({ what, why: whyNot(error, signal, "read it") });
      return [];
    }
  };
  const groups = new Map<string, Place>();
  for (const place of places)
    if (place.app !== undefined) groups.set(place.app.resourceGroup.toLowerCase(), place);
  const [cacheGroup, [place]] = [config?.settings.azure?.resourceGroup, places];
  if (cacheGroup !== undefined && place !== undefined && !groups.has(cacheGroup.toLowerCase()))
    groups.set(cacheGroup.toLowerCase(), place);
  const window = { since: now - WINDOW_MS, until: now, signal };
  const all = await Promise.all([
    ...(stack === undefined
      ? []
      : [
          asked("git log of the stack's config", () => commitsOn(stack, signal)),
          asked("updates of the stack", () => updates(stack)),
        ]),
    ...[...groups].flatMap(([group, { arm }]) =>
      arm === undefined
        ? []
        : [
            asked(`activity log of resource group ${group}`, async () =>
              activityIn(await arm(), group, window),
            ),
          ],
    ),
  ]);
  return all.flat().toSorted((a, b) => (a.at < b.at ? 1 : -1));
}

async function updates(stack: string): Promise<Change[]> {
  const backend = process.env["PULUMI_BACKEND_URL"] || (await projectBackend()) || "";
  const found = await updatesOf(backend, stack);
  if (found !== undefined) return found;
  throw new PropiqError("The state is not kept in files, so the list needs Pulumi.", {
    code: "STATE_UNREADABLE",
    next: advice("", pulumi(stack, "stack", "history")),
  });
}

function whyNot(error: unknown, signal: AbortSignal, what: string): string {
  if (signal.aborted) return "It did not answer in time.";
  if (error instanceof PropiqError) return error.message;
  return inWords(error, what, propiq("incident")).message;
}

function nothingSeen(
  notAsked: IncidentReport["notAsked"],
  changes: Change[],
  typed: Command,
): IncidentReport {
  const again: Advice = { say: "Fix what could not be asked, and run it again.", run: [typed] };
  return {
    ...{ schema: 1, verdict: "failed", impact: "unknown" },
    summary: "The impact is unknown: neither the app nor the cache could be asked.",
    codes: [],
    changes: changes.slice(0, MOST_CHANGES),
    now: withoutEmptyRun(writeAdvice(again)),
    then: { say: "Nothing is known about the cause." },
    observed: [],
    notAsked,
  };
}

function typedCommand({ stack, app }: Question): Command {
  if (stack !== undefined) return propiq("incident", "--stack", stack);
  return propiq("incident", ...(app === undefined ? [] : placeWords(app, "--app-name")));
}
