/** The words for somebody who is called because a cache is not well. Pure. */
import { changeInWords } from "../../check/history/change.ts";
import { gapInWords, lengthInWords } from "../../check/history/gaps.ts";
import { escapeMarkdown } from "../../check/render/markdown-text.ts";
import type { Report, ReportSet } from "../../check/report.ts";
import { findingInWords, impactInWords, isLoud, nameOf, timeInWords } from "../../check/words.ts";
import { issueMarker, type Notice } from "./notice.ts";
import { actionFor, type Watch } from "./watch.ts";

export interface Seen {
  stack: string;
  watch: Watch;
  /** Before this run; nothing at the first. */
  before?: Watch | undefined;
  /** Failures in a row after which somebody is told. */
  after: number;
  /** Of the last check; nothing where it could not be made. */
  set?: ReportSet | undefined;
  /** ISO 8601, UTC. */
  now: string;
  /** The page of this run. */
  runUrl: string;
}

export function verifyNotice(seen: Seen): Notice {
  const { stack, watch, before, after, set } = seen;
  const action = actionFor(watch, after);
  // A failure that nobody was told of is no alarm that ends.
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
      body: [head, missed].join("\n"),
    };
  }
  const lines = [head, ...(missed === undefined ? [] : [missed, ""]), ...alarm(seen, failed)];
  const body = action === "well" ? wellAgain(seen) : lines.join("\n");
  return { schema: 1, about: "verify", stack, action, turned, title, body };
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

function alarm({ stack, watch, set, now, runUrl }: Seen, failed: Report | undefined): string[] {
  const since = watch.since === undefined ? "" : timeInWords(watch.since, now);
  const times = watch.failures === 1 ? "once" : `${watch.failures} times in a row`;
  return [
    `**Impact:** ${failed ? impactInWords(failed) : "Nobody knows: the check itself does not work."}`,
    "",
    `**Since:** ${since}, ${times} by now${watch.wellAt === undefined ? "" : `; last well at ${timeInWords(watch.wellAt, now)}`}`,
    "",
    `**What changed:** ${escapeMarkdown(watch.change ?? "Not known: there is no earlier run to compare with.")}`,
    "",
    "**What is wrong**",
    "",
    ...(failed ? findings(failed) : unasked(set)),
    "",
    "**What to type**",
    "",
    "```sh",
    ...(failed ? [`./propiq-cache off --stack ${stack}   # the app goes on without its cache, at once`] : []),
    `./propiq-cache verify --stack ${stack} --app`,
    ...(failed ? [`./propiq-cache on --stack ${stack}    # when it is well again`] : []),
    "```",
    "",
    `_${escapeMarkdown(failed ? nameOf(failed) : `stack ${stack}`)}. The last run: ${runUrl}_`,
  ];
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

function codes({ checks }: Report): string[] {
  return [...new Set(checks.flatMap((check) => (check.status === "fail" ? [check.code] : [])))];
}
