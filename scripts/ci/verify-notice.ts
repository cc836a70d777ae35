/** The words for a user who is called because a cache is not well. Pure. */
import { commandLine, onStack, propiq } from "../../base/command.ts";
import { changeInWords } from "../../check/history/change.ts";
import { gapInWords, lengthInWords } from "../../check/history/gaps.ts";
import { codeBlock, codeSpan, escapeMarkdown } from "../../check/render/markdown-text.ts";
import type { Code, Report, ReportSet } from "../../check/report.ts";
import { findingInWords, impactInWords, isLoud, nameOf, timeInWords } from "../../check/words.ts";
import { firstLines, type IncidentReport, renderIncident } from "../../operations/incident/report.ts";
import { issueMarker, type Notice } from "./notice.ts";
import { actionFor, type Watch } from "./watch.ts";

export interface Seen {
  stack: string;
  watch: Watch;
  /** Before this run; nothing at the first. */
  before?: Watch | undefined;
  /** Failures in a row after which people are informed. */
  after: number;
  /** Of the last check; nothing where it could not be made. */
  set?: ReportSet | undefined;
  /** What `incident` found right after a failure; nothing where it could not run. */
  incident?: IncidentReport | undefined;
  /** ISO 8601, UTC. */
  now: string;
  /** The page of this run. */
  runUrl: string;
}

export function verifyNotice(seen: Seen): Notice {
  const { stack, watch, before, after, set } = seen;
  const action = actionFor(watch, after);
  // A failure without an alarm has no end to report.
  const alarmed = before !== undefined && actionFor(before, after) === "alarm";
  const turned = action === "none" ? false : alarmed !== (action === "alarm");
  const failed = set?.reports.find(({ verdict }) => verdict === "failed");
  const missed = missedInWords(seen);
  const title = failed
    ? `Cache of stack ${stack}: ${codes(failed).join(", ") || "failed"}`
    : `Cache of stack ${stack} could not be checked`;
  const head = issueMarker({ about: "verify", stack });
  if (missed !== undefined && watch.failures === 0) {
    const what = `The check of stack ${stack} did not run for ${lengthInWords(watch.missedSince ?? seen.now, seen.now)}`;
    return {
      schema: 1,
      about: "verify",
      stack,
      action,
      turned,
      title: what,
      lines: [],
      body: [head, missed].join("\n"),
    };
  }
  const body = [head, ...alarm(seen, failed), ...(missed === undefined ? [] : ["", missed])].join("\n");
  const base = { schema: 1 as const, about: "verify" as const, stack, action, turned, title };
  if (action === "well") return { ...base, lines: [], body: wellAgain(seen) };
  return { ...base, lines: firstLinesOf(seen, failed), body };
}

/** What was different when it began: of the report that was the first not to be well. */
export function changeOfRun(set: ReportSet | undefined): string | undefined {
  const report = set?.reports.find(({ verdict }) => verdict === "failed");
  return report === undefined ? undefined : changeInWords(report, set?.generatedAt ?? "");
}

/** What a reader should know of checks that did not run. */
function missedInWords({ watch, now }: Seen): string | undefined {
  if (watch.missedSince === undefined) return undefined;
  const gap = gapInWords({ from: watch.missedSince, to: now }, now);
  return `**Checks missed:** ${gap}. GitHub delays and drops schedules, and disables them after 60 days without a commit.`;
}

function wellAgain({ now, runUrl }: Seen): string {
  return `Well again at ${timeInWords(now)}: ${runUrl}`;
}

function alarm(seen: Seen, failed: Report | undefined): string[] {
  const { stack, watch, set, incident, now, runUrl } = seen;
  const since = watch.since === undefined ? "" : timeInWords(watch.since, now);
  const times = watch.failures === 1 ? "once" : `${watch.failures} times in a row`;
  return [
    ...firstLinesOf(seen, failed).map(escapeMarkdown),
    "",
    `**Since:** ${since}, ${times} by now${watch.wellAt === undefined ? "" : `; last well at ${timeInWords(watch.wellAt, now)}`}`,
    "",
    `**What changed:** ${escapeMarkdown(watch.change ?? "Not known: there is no earlier run to compare with.")}`,
    "",
    ...(incident === undefined
      ? ["**What is wrong**", "", ...(failed ? findings(failed) : unasked(set))]
      : codeBlock(renderIncident(incident).trimEnd())),
    "",
    `To check again: ${codeSpan(commandLine(onStack(stack, "verify", "--app")))}`,
    "",
    `_${escapeMarkdown(failed ? nameOf(failed) : `stack ${stack}`)}. The last run: ${runUrl}_`,
  ];
}

/** As `incident` begins. Without it, by what the check found. */
function firstLinesOf({ stack, set, incident }: Seen, failed: Report | undefined): string[] {
  if (incident !== undefined) return firstLines(incident);
  if (failed === undefined)
    return firstLines({
      summary: "The impact is unknown: the check could not run.",
      codes: [],
      now: { say: "", run: [commandLine(propiq("incident", "--stack", stack))] },
    });
  const off = { say: "", run: [commandLine(propiq("off", "--stack", stack))] };
  const isFelt = failed.impact !== "none" && set !== undefined;
  const nothing = { say: "No user impact: nothing has to be done at once." };
  return firstLines({
    summary: impactInWords(failed),
    codes: codes(failed),
    now: failed.now ?? (isFelt ? off : nothing),
  });
}

function findings({ checks }: Report): string[] {
  return checks
    .filter(isLoud)
    .map(
      (check) =>
        `- **${escapeMarkdown(check.title)}** ${escapeMarkdown(findingInWords(check))} → ${escapeMarkdown(check.hint)}`,
    );
}

function unasked(set: ReportSet | undefined): string[] {
  const reasons = set?.notAsked ?? [];
  if (reasons.length === 0) return ["- The check could not be made; the run's log says why."];
  return reasons.map(({ reason, hint }) => `- ${escapeMarkdown(reason)} → ${escapeMarkdown(hint)}`);
}

function codes({ checks }: Report): Code[] {
  return [...new Set(checks.flatMap((check) => (check.status === "fail" ? [check.code] : [])))];
}
