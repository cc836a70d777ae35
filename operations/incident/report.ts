/** What `incident` reports: the impact first, then the command that ends it. No secrets. */
import { type WrittenAdvice, writtenLines } from "../../base/advice.ts";
import type { Code, Impact, Verdict } from "../../check/report.ts";

export interface Change {
  /** ISO 8601, UTC. */
  at: string;
  what: string;
  who?: string;
  source: "git" | "pulumi" | "azure";
}

export interface IncidentReport {
  schema: 1;
  verdict: Verdict;
  impact: Impact;
  /** The impact as a sentence. */
  summary: string;
  codes: Code[];
  /** ISO 8601, UTC. */
  since?: string;
  /** Newest first. */
  changes: Change[];
  /** Ends the impact for users. */
  now: { say: string; run?: string[] };
  /** Fixes the cause. */
  then: { say: string; run?: string[] };
  /** What was observed, a line for each failure. */
  observed: string[];
  notAsked: { what: string; why: string }[];
}

/** An advice as this report holds it: no list of commands where there are none. */
export function withoutEmptyRun({ say, run }: WrittenAdvice): IncidentReport["now"] {
  return run.length === 0 ? { say } : { say, run };
}

/** The impact, and the command that ends it. */
export function firstLines({
  summary,
  codes,
  now,
}: Pick<IncidentReport, "summary" | "codes" | "now">): string[] {
  const [command] = now.run ?? [];
  return [
    `${summary}${codes.length === 0 ? "" : ` (${codes.join(", ")})`}`,
    command === undefined ? now.say : `Run: ${command}`,
  ];
}

export function renderIncident(report: IncidentReport): string {
  const { since, changes, now, then, observed, notAsked } = report;
  const [command] = now.run ?? [];
  const sections = [
    firstLines(report),
    [
      ...(command === undefined ? [] : [`Now: ${now.say}`]),
      ...(now.run ?? []).slice(1).map((line) => `Run: ${line}`),
      `Then: ${writtenLines({ say: then.say, run: then.run ?? [] }).join("\n  ")}`,
    ],
    [since === undefined ? "Since: not known" : `Since: ${since}`, ...observed.map((line) => `  ${line}`)],
    [
      changes.length === 0 ? "Changes before that: none found" : "Changes before that, newest first:",
      ...changes.map(
        ({ at, what, who, source }) => `  ${at}  ${source}  ${what}${who === undefined ? "" : `, by ${who}`}`,
      ),
    ],
    notAsked.map(({ what, why }) => `? ${what}: ${why}`),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}
