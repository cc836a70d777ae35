/** What a report comes to: the verdict, and whether users feel it. */
import type { CheckId, CheckResult, Code, Impact, Verdict } from "./report.ts";

/** From best to worst. */
const VERDICTS: readonly Verdict[] = ["disabled", "healthy", "degraded", "failed"];
const IMPACTS: readonly Impact[] = ["none", "slower", "unknown", "users-affected"];

/**
 * What a fault means for users, as long as the app itself has not been asked.
 * - slower: the cache says no at once; an app that can do without it does the work itself
 * - users-affected: the cache keeps its callers waiting, or hands them wrong data
 * - unknown: seen from here, which is not where the app runs: its network or certificates may differ
 * - none: still works as it should, but will not stay so
 */
const IMPACT: Readonly<Record<Code, Impact>> = {
  DNS_NOT_FOUND: "slower",
  DNS_UNAVAILABLE: "unknown",
  TCP_REFUSED: "slower",
  TCP_TIMEOUT: "unknown",
  UNREACHABLE: "unknown",
  CONNECTION_RESET: "unknown",
  TLS_HANDSHAKE: "unknown",
  TLS_EXPIRED: "slower",
  TLS_UNTRUSTED: "unknown",
  TLS_HOSTNAME: "slower",
  TLS_NOT_OFFERED: "users-affected",
  TLS_REQUIRED: "users-affected",
  NOT_REDIS: "slower",
  PROTOCOL_ERROR: "slower",
  PROTECTED_MODE: "unknown",
  AUTH_REQUIRED: "slower",
  AUTH_WRONG: "slower",
  AUTH_FORBIDDEN: "slower",
  ACCESS_KEYS_DISABLED: "slower",
  DB_INDEX: "slower",
  LOADING: "slower",
  READONLY: "slower",
  MISCONF: "slower",
  OUT_OF_MEMORY: "slower",
  MAX_CLIENTS: "slower",
  CLUSTER_MOVED: "slower",
  CLUSTER_DOWN: "slower",
  MASTER_DOWN: "slower",
  BUSY_SCRIPT: "slower",
  QUOTA_EXCEEDED: "slower",
  REDIS_ERROR: "slower",
  TIMEOUT: "users-affected",
  TTL_NOT_KEPT: "users-affected",
  VALUE_CHANGED: "users-affected",
  EVICTION_OFF: "none",
  MEMORY_HIGH: "none",
  HIT_RATE_LOW: "slower",
  TOO_FEW_REQUESTS: "none",
  RESPONSE_SLOW: "slower",
  PLAN_DIFFERS: "none",
  APP_UNREACHABLE: "users-affected",
  APP_CACHE_OFF: "slower",
  APP_NOT_USING_CACHE: "slower",
  SETTINGS_DIFFER: "unknown",
  SETTINGS_REMOVED: "slower",
  SECRET_REF_UNRESOLVED: "slower",
  APP_STOPPED: "users-affected",
  CACHE_FAR: "slower",
  KEY_OLD: "none",
};

/** Any failure: failed; else any warning: degraded. */
export function verdictOf(checks: readonly CheckResult[]): Verdict {
  if (checks.some(({ status }) => status === "fail")) return "failed";
  return checks.some(({ status }) => status === "warn") ? "degraded" : "healthy";
}

/**
 * The worst of what the loud checks mean for users. An app that answers has spoken for them: what was only seen from
 * here it may not see, and what would keep it waiting does not.
 */
export function impactOf(checks: readonly CheckResult[]): Impact {
  const answers = statusOf(checks, "app-health") === "pass";
  const uses = statusOf(checks, "app-uses-cache") === "pass";
  return worstImpact(
    checks.map((check) => {
      if (check.status !== "warn" && check.status !== "fail") return "none";
      const impact = IMPACT[check.code];
      if (!answers || WRONG_DATA.has(check.code)) return impact;
      if (impact === "unknown") return uses ? "none" : "slower";
      return impact === "users-affected" ? "slower" : impact;
    }),
  );
}

/** An app that gets these answers as quickly as ever. */
const WRONG_DATA: ReadonlySet<Code> = new Set<Code>(["TTL_NOT_KEPT", "VALUE_CHANGED"]);

function statusOf(checks: readonly CheckResult[], id: CheckId): CheckResult["status"] | undefined {
  return checks.find((check) => check.id === id)?.status;
}

/** Of no verdicts at all: nothing was on. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return verdicts.reduce(worseOf(VERDICTS), "disabled");
}

export function worstImpact(impacts: readonly Impact[]): Impact {
  return impacts.reduce(worseOf(IMPACTS), "none");
}

function worseOf<T>(fromBest: readonly T[]): (a: T, b: T) => T {
  return (a, b) => (fromBest.indexOf(b) > fromBest.indexOf(a) ? b : a);
}
