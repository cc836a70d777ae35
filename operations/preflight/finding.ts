/** What a preflight comes to: one finding a question, and one verdict. */
import { type Advice, adviceText } from "../../base/advice.ts";
import { cleanedLines } from "../../check/render/clean.ts";
import type { Status } from "../result.ts";

export interface Finding {
  /** Stable, for scripts: `identity`, `permissions`, … */
  id: FindingId;
  status: Status;
  words: string;
  /** Always there where status is warn, fail or unknown. */
  advice?: Advice;
}

/** The same in a report: its advice is text of several lines, and every text is fit to be shown. */
export interface ReportedFinding extends Omit<Finding, "advice"> {
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
  findings: readonly ReportedFinding[];
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
    findings: findings
      .toSorted((a, b) => FINDING_IDS.indexOf(a.id) - FINDING_IDS.indexOf(b.id))
      .map(reported),
  };
}

function reported({ words, advice, ...rest }: Finding): ReportedFinding {
  const hint = advice === undefined ? {} : { hint: cleanedLines(adviceText(advice)) };
  return { ...rest, words: cleanedLines(words), ...hint };
}

/** An answer, or why there is none. */
export type Asked<T> = { value: T } | Unasked;
interface Unasked {
  why: string;
  advice: Advice;
}

export function isAnswer<T>(asked: Asked<T>): asked is { value: T } {
  return "value" in asked;
}

/** What to say where there was no answer. */
export function unasked(id: FindingId, { why, advice }: Unasked): Finding {
  return { id, status: "unknown", words: why, advice };
}
