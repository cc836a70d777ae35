/** The words and marks that the formats for people share. */
import type { CheckResult, Code, Impact, Report, Verdict } from "./report.ts";

/** Distinguished by shape, not only by colour. */
export const VERDICT_MARKS: Readonly<Record<Verdict, string>> = {
  healthy: "✔",
  degraded: "!",
  failed: "✘",
  disabled: "○",
};

export const STATUS_MARKS: Readonly<Record<CheckResult["status"], string>> = {
  pass: "✔",
  warn: "!",
  fail: "✘",
  skip: "·",
};

const IMPACTS: Readonly<Record<Impact, string>> = {
  none: "No user impact.",
  slower: "The app is slower for users, if it works without its cache.",
  "users-affected": "Users are affected: the app waits for its cache, or gets wrong data from it.",
  unknown: "The impact is unknown: this machine does not reach the cache, the app may reach it.",
};

/** The cause that a reader has to know before any other, by its code. */
const CAUSES: readonly (readonly [Code, string])[] = [
  ["APP_STOPPED", "Users are affected: the app is stopped."],
  ["APP_UNREACHABLE", "Users are affected: the app does not answer."],
  ["VALUE_CHANGED", "Users are affected: the app gets wrong data from its cache."],
  ["TTL_NOT_KEPT", "Users are affected: the app gets outdated data from its cache."],
  ["TIMEOUT", "Users are affected: the app waits for its cache."],
];

type Impacted = Pick<Report, "verdict" | "impact"> & { checks?: readonly CheckResult[] };

/** What the report means for users, as a sentence. */
export function impactInWords({ verdict, impact, checks = [] }: Impacted): string {
  if (verdict === "disabled") return "The app is configured to run without its cache.";
  const failed = new Set(checks.flatMap((check) => (check.status === "fail" ? [check.code] : [])));
  if (impact === "users-affected") return CAUSES.find(([code]) => failed.has(code))?.[1] ?? IMPACTS[impact];
  // The app has answered, so whether it works without its cache is known.
  const answers = checks.some(({ id, status }) => id === "app-health" && status === "pass");
  return impact === "slower" && answers ? "The app is slower for users; it answers." : IMPACTS[impact];
}

type Named = Pick<Report, "endpoint" | "stack" | "plan">;

/** Which cache this is: address, stack and plan, as far as there are any. */
export function nameOf({ endpoint, stack, plan }: Named): string {
  return [endpoint, stack && `stack ${stack}`, plan && `plan ${plan}`].filter(Boolean).join(", ");
}

/** The shortest name that distinguishes one cache from another. */
export function shortNameOf({ endpoint, stack }: Named): string {
  return stack || endpoint || "cache";
}

export function isLoud(check: CheckResult): check is Extract<CheckResult, { status: "warn" | "fail" }> {
  return check.status === "warn" || check.status === "fail";
}

/** A skip without a word only says that the check did not get that far. */
export function isShown({ status, observed }: CheckResult): boolean {
  return status !== "skip" || observed !== undefined;
}

/** What was seen; of something to act on also its code, and what was expected. */
export function findingInWords(check: CheckResult): string {
  const { observed = "", expected } = check;
  if (!isLoud(check)) return observed;
  return `${check.code}: ${expected === undefined ? observed : `${observed}; expected: ${expected}`}`;
}

export function secondsInWords(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** As in `12 min` and `5 h 12 min`. */
export function minutesInWords(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

/** What every format for people calls `measurements.networkMs`. */
export const NETWORK_TIME = "network (TCP connect)";

/** Round trips: the smaller, the more digits count. */
export function latencyInWords(ms: number): string {
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(2)} ms`;
}

/** In MiB, which is what plans and `maxmemory` count in, or KiB where that would be none. */
export function memoryInWords(bytes: number): string {
  const mb = bytes / (1024 * 1024);
  if (mb < 0.1) return `${Math.ceil(bytes / 1024)} KB`;
  return `${mb >= 10 ? Math.round(mb) : mb.toFixed(1)} MB`;
}

/** Rounded down: what is below a threshold must not read as the threshold. */
export function shareInWords(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10}%`;
}

/** `21:05 UTC`, after its day where that is not known to be the day of `now`. Both ISO 8601. */
export function timeInWords(at: string, now = ""): string {
  const [day = "", time = ""] = iso(at).split("T");
  const clock = `${time.slice(0, 5)} UTC`;
  return iso(now).startsWith(`${day}T`) ? clock : `${day} ${clock}`;
}

function iso(at: string): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? at : date.toISOString();
}
