/** What a preflight comes to: one finding a question, and one verdict. */

/**
 * `pass`: yes. `note`: nothing stands in the way, but a user should know. `warn`: it will work, and something is wrong.
 * `fail`: no. `unknown`: could not be asked. `skip`: pointless before something else is fixed.
 */
export type Status = "pass" | "note" | "warn" | "fail" | "unknown" | "skip";

export interface Finding {
  /** Stable, for scripts: `identity`, `permissions`, … */
  id: FindingId;
  status: Status;
  words: string;
  /** Complete commands, and words around them; always there where status is warn, fail or unknown. */
  hint?: string;
}

/** In the order in which they are reported. */
export const FINDING_IDS = [
  "config",
  "plan",
  "budget",
  "state",
  "env-file",
  "identity",
  "subscription",
  "provider",
  "group",
  "permissions",
  "name",
  "upstash",
  "change",
  "app",
  "vault",
  "region",
] as const;
export type FindingId = (typeof FINDING_IDS)[number];

export interface PreflightReport {
  schema: 1;
  stack: string;
  plan?: string;
  /** `ready`; `not-ready`: something says no; `unknown`: nothing says no, and something could not be asked. */
  verdict: "ready" | "not-ready" | "unknown";
  findings: readonly Finding[];
}

export function reportOf(
  stack: string,
  plan: string | undefined,
  findings: readonly Finding[],
): PreflightReport {
  const has = (status: Status) => findings.some((finding) => finding.status === status);
  return {
    schema: 1,
    stack,
    ...(plan === undefined ? {} : { plan }),
    verdict: has("fail") ? "not-ready" : has("unknown") ? "unknown" : "ready",
    findings: findings.toSorted((a, b) => FINDING_IDS.indexOf(a.id) - FINDING_IDS.indexOf(b.id)),
  };
}

/** An answer, or why there is none. */
export type Asked<T> = { value: T } | { why: string; hint: string };

export function isAnswer<T>(asked: Asked<T>): asked is { value: T } {
  return "value" in asked;
}

/** What to say where there was no answer. */
export function unasked(id: FindingId, { why, hint }: { why: string; hint: string }): Finding {
  return { id, status: "unknown", words: why, hint };
}
