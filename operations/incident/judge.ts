/** From what was seen to the two commands: one that ends the impact for users now, one that fixes the cause. Pure. */
import { advice, type WrittenAdvice, writeAdvice } from "../../base/advice.ts";
import { placeWords, webapp } from "../../base/azure-cli.ts";
import { type Command, isLocalStack, onStack, propiq } from "../../base/command.ts";
import {
  type Code,
  type Impact,
  isCheckOfCache,
  type LoudCheck,
  type Report,
  type Verdict,
} from "../../check/report.ts";
import type { Provider } from "../../check/subject.ts";
import { impactOf } from "../../check/verdict.ts";

export interface IncidentFacts {
  report: Pick<Report, "verdict" | "impact" | "checks" | "now">;
  /** That wires the app, where one is known. */
  stack?: string | undefined;
  /** The App Service; absent where settings of an env file were checked. */
  app?: { name: string; resourceGroup: string; slot?: string | undefined } | undefined;
  /** That runs the cache, where it is known. */
  provider?: Provider | undefined;
  /** REDIS_ENABLED in the settings of the app is false. */
  isDisabled?: boolean;
  /** Whether the stack's config needs the cache to be used; absent where no config was read. */
  isEnabledInConfig?: boolean | undefined;
}

export interface Decision {
  now: WrittenAdvice;
  then: WrittenAdvice;
}

export function decide(facts: IncidentFacts): Decision {
  const failed = causesIn(facts.report);
  const row = ROWS.find(({ when }) => when(failed, facts));
  return row?.decide(failed, facts) ?? nothingToDo(facts);
}

function written(say: string, ...run: readonly Command[]): WrittenAdvice {
  return writeAdvice(advice(say, ...run));
}

interface Row {
  when: (failed: readonly LoudCheck[], facts: IncidentFacts) => boolean;
  decide: (failed: readonly LoudCheck[], facts: IncidentFacts) => Decision;
}

/** In the order in which they are asked: the first that fits decides. */
const ROWS: readonly Row[] = [
  {
    when: (failed, { app }) => has(failed, "APP_STOPPED") && app !== undefined,
    decide: (failed, facts) => ({
      now: written("The App Service is stopped. Start it.", onApp(facts, "start")),
      then: causeOf(
        failed.filter(({ code }) => code !== "APP_STOPPED"),
        facts,
        "Find out who stopped it: see the changes below.",
      ),
    }),
  },
  {
    // The cache works, or is not used: the app fails for reasons of its own.
    when: (failed, { app, isDisabled }) =>
      app !== undefined && isDown(failed) && (isDisabled === true || !failed.some(isOfCache)),
    decide: (_, facts) => ({
      now: written(
        "The app does not answer, and its cache is not the cause. Restart it.",
        onApp(facts, "restart"),
      ),
      then: written("Read the log of the app.", onApp(facts, "log", "tail")),
    }),
  },
  {
    when: (_, { report, isDisabled }) => report.now !== undefined && isDisabled !== true,
    decide: (failed, facts) => ({
      now: facts.report.now ?? { say: "", run: [] },
      then: causeOf(failed, facts, ""),
    }),
  },
  {
    when: (failed) => failed.length > 0,
    decide: (failed, facts) => {
      const cause = causeOf(failed, facts, "");
      return { now: cause, then: afterwards(facts) };
    },
  },
];

function nothingToDo({ report, stack, isEnabledInConfig }: IncidentFacts): Decision {
  const [warning] = report.checks.filter(isLoud);
  if (report.verdict === "disabled") {
    const isMeant = isEnabledInConfig === false || stack === undefined;
    return {
      now: written("The app is configured to run without its cache. The cache is not the cause."),
      then: isMeant
        ? written(
            "Enable the cache when it works.",
            ...(stack === undefined ? [] : [propiq("on", "--stack", stack)]),
          )
        : written(
            "The config of the stack enables the cache. Enable it.",
            propiq("on", "--stack", stack ?? ""),
          ),
    };
  }
  return {
    now: written("No user impact: the cache works. It is not the cause."),
    then: warning === undefined ? written("Nothing to fix.") : adviceOf(warning),
  };
}

/** Faults that may come from a difference between the stack and the clouds: `repair` finds out which. */
const REPAIRED: ReadonlySet<Code> = new Set<Code>([
  "AUTH_WRONG",
  "AUTH_REQUIRED",
  "DNS_NOT_FOUND",
  "TCP_REFUSED",
  "SETTINGS_DIFFER",
  "SETTINGS_REMOVED",
]);

/** @param otherwise where nothing else is wrong */
function causeOf(failed: readonly LoudCheck[], facts: IncidentFacts, otherwise: string): WrittenAdvice {
  const { stack, report, isEnabledInConfig } = facts;
  // An app without settings does not use the cache, whatever is wrong with that.
  const removed = failed.find(({ code }) => code === "SETTINGS_REMOVED");
  const first = removed ?? failed.find(({ code }) => !EFFECTS.has(code)) ?? failed[0];
  if (first === undefined) return { say: otherwise, run: [] };
  const wasOff = report.now?.run.some((line) => / off --stack /.test(line)) ?? false;
  const on = stack === undefined || !wasOff ? [] : [propiq("on", "--stack", stack)];
  if (first.code === "APP_CACHE_OFF" && stack !== undefined && isEnabledInConfig !== false)
    return written(
      "REDIS_ENABLED was set to false in the app. Enable the cache.",
      propiq("on", "--stack", stack),
    );
  // The stack can write the settings of the app again. It cannot repair a cache of another team.
  const isOfOthers = facts.provider === "external" && isCheckOfCache(first.id);
  if (REPAIRED.has(first.code) && stack !== undefined && !isLocalStack(stack) && !isOfOthers) {
    const say = "Bring the stack, the cache and the settings of the app back to the config of the stack.";
    return written(on.length === 0 ? say : `${say} Then enable the cache.`, onStack(stack, "repair"), ...on);
  }
  const own = adviceOf(first);
  return { say: own.say, run: [...own.run, ...writeAdvice({ say: "", run: on }).run] };
}

function afterwards({ stack, app }: IncidentFacts): WrittenAdvice {
  const check =
    app === undefined
      ? propiq("verify", ...(stack === undefined ? [] : ["--stack", stack]))
      : propiq("verify", ...placeWords(app, "--app-name"));
  return written("Check again.", check);
}

/** What the app shows because of something else. */
const EFFECTS: ReadonlySet<Code> = new Set<Code>(["APP_NOT_USING_CACHE", "APP_UNREACHABLE"]);

const OF_APP: ReadonlySet<string> = new Set(["app-settings", "app-health", "app-uses-cache", "plan"]);

function isOfCache({ id }: LoudCheck): boolean {
  return !OF_APP.has(id) || id === "app-settings";
}

function isDown(failed: readonly LoudCheck[]): boolean {
  return failed.some(({ id, code }) => id === "app-health" && code === "APP_UNREACHABLE");
}

function has(failed: readonly LoudCheck[], code: Code): boolean {
  return failed.some((check) => check.code === code);
}

/** What users feel: the failures. Without one, the warnings that have an impact. */
export function causesIn({ checks }: Pick<Report, "checks">): LoudCheck[] {
  const loud = checks.filter(isLoud);
  const failures = loud.filter(({ status }) => status === "fail");
  return failures.length > 0 ? failures : loud.filter((check) => impactOf([check]) !== "none");
}

function isLoud(check: Report["checks"][number]): check is LoudCheck {
  return check.status === "fail" || check.status === "warn";
}

function adviceOf({ advice: given, hint }: LoudCheck): WrittenAdvice {
  return given ?? { say: hint, run: [] };
}

function onApp({ app }: IncidentFacts, ...action: string[]): Command {
  return webapp(action, app ?? { name: "", resourceGroup: "" });
}

const WORST: readonly Impact[] = ["users-affected", "unknown", "slower", "none"];

/** Of several apps, the one that decides what to type first. */
export function worstOf<T extends { report: { impact: Impact; verdict: Verdict } }>(
  all: readonly [T, ...T[]],
): T {
  return all.toSorted((a, b) => WORST.indexOf(a.report.impact) - WORST.indexOf(b.report.impact))[0] ?? all[0];
}
