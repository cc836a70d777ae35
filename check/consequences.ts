/**
 * One cause, one advice. A check that fails because an earlier one failed names that check in place of an advice of its
 * own, and a failure that hurts users comes with the command that ends the impact at once. Pure.
 */
import { webapp } from "../base/azure-cli.ts";
import { type Command, isLocalStack, propiq } from "../base/command.ts";
import { placeOf, stackOf } from "./faults/steps.ts";
import { type CheckId, type CheckResult, type Code, type Impact, isCheckOfCache } from "./report.ts";
import type { Subject } from "./subject.ts";

/** What the app reports because of something else, by the checks that explain it. */
const EXPLAINED: Partial<Readonly<Record<Code, (id: CheckId) => boolean>>> = {
  APP_NOT_USING_CACHE: (id) => isCheckOfCache(id) || id === "app-settings" || id === "app-health",
  APP_CACHE_OFF: (id) => id === "app-settings",
};

/** @param checks in the order of the report: the cause that comes first counts */
export function withOneAdvice(checks: readonly CheckResult[], subject: Subject): CheckResult[] {
  const edited = isLedAstray(subject) ? (id: CheckId) => id === "app-settings" : undefined;
  return checks.map((check) => {
    if (check.status !== "fail") return check;
    const isCause = isCheckOfCache(check.id) ? edited : EXPLAINED[check.code];
    const cause =
      isCause && checks.find((other) => other !== check && other.status === "fail" && isCause(other.id));
    if (cause === undefined) return check;
    const hint = `Caused by: ${cause.title}. Fix that first.`;
    return { ...check, hint, advice: { say: hint, run: [] } };
  });
}

/** Settings that lead to the cache. */
const LEADING = /^REDIS_(URL|HOST|PORT|PASSWORD|USERNAME|TLS|DB)$/;

/** The cache was looked for by an app's own settings, and those were edited. */
function isLedAstray({ stack, apps = [] }: Subject): boolean {
  if (stack !== undefined) return false;
  return apps.some(({ settings }) =>
    [...(settings?.different ?? []), ...(settings?.missing ?? [])].some((name) => LEADING.test(name)),
  );
}

/** The app does without its cache already, or its own state is the cause: `off` would change nothing. */
const OFF_IS_USELESS: ReadonlySet<Code> = new Set(["APP_STOPPED", "APP_CACHE_OFF", "SETTINGS_REMOVED"]);

/** @returns the command that has the app continue without its cache, where a failure of the cache can hurt users */
export function endOfImpact(
  checks: readonly CheckResult[],
  impact: Impact,
  subject: Subject,
): Command | undefined {
  const failed = checks.flatMap((check) => (check.status === "fail" ? [check] : []));
  const isCache = failed.some(
    ({ id }) => isCheckOfCache(id) || id === "app-settings" || id === "app-uses-cache",
  );
  if (impact === "none" || !isCache || failed.some(({ code }) => OFF_IS_USELESS.has(code))) return undefined;
  return switchOff(subject);
}

function switchOff(subject: Subject): Command | undefined {
  const stack = stackOf(subject);
  if (stack !== undefined) return isLocalStack(stack) ? undefined : propiq("off", "--stack", stack);
  const app = placeOf(subject.apps);
  const set = ["config", "appsettings", "set"];
  return app === undefined ? undefined : webapp(set, app, "--settings", "REDIS_ENABLED=false");
}
