/** A rehearsal for the summary of a pipeline's job. */
import { counted } from "../../../base/counted.ts";
import { escapeMarkdown, tableRow } from "../../../check/render/markdown-text.ts";
import type { RehearsalReport, Step } from "../report.ts";
import { seconds, totalsOf } from "./text.ts";

export function renderMarkdown(report: RehearsalReport): string {
  const { verdict, stack, steps, plugins, isolation, notMapped, notes, durationMs } = report;
  const total = totalsOf(steps);
  const failed = steps.filter(({ code }) => code !== undefined);
  return `${[
    `## Rehearsal of ${escapeMarkdown(stack)}: ${verdict}`,
    "",
    `${counted(total.sent, "request")}, ${total.failed} failed, longest gap ${total.longestGapMs} ms, ${counted(total.appRestarts, "restart")}, ${seconds(durationMs)}.`,
    "",
    tableRow([
      "Step",
      "Time",
      "Exit code",
      "Requests",
      "Failed",
      "Longest gap",
      "Restarts",
      "Settings written",
    ]),
    tableRow(["---", "--:", "--:", "--:", "--:", "--:", "--:", "---"]),
    ...steps.map(rowOf),
    "",
    ...failed.map(
      ({ name, code = "", observed = "", hint = "" }) =>
        `- **${escapeMarkdown(name)}: ${escapeMarkdown(code)}.** ${escapeMarkdown(observed)} ${escapeMarkdown(hint)}`,
    ),
    ...(failed.length === 0 ? [] : [""]),
    `- Plugins: ${Object.entries(plugins)
      .map(([name, kind]) => `${escapeMarkdown(name)} (${kind})`)
      .join(", ")}`,
    `- Isolation: ${isolation}`,
    ...(notMapped.length === 0 ? [] : [`- Not mapped: ${notMapped.map(escapeMarkdown).join(", ")}`]),
    ...[...notes, ...steps.flatMap(({ name, note }) => (note === undefined ? [] : [`${name}: ${note}`]))].map(
      (note) => `- ${escapeMarkdown(note)}`,
    ),
  ].join("\n")}\n`;
}

function rowOf({ name, durationMs, exitCode, requests, appRestarts, settingsWritten }: Step): string {
  const { sent, failed, longestGapMs } = requests;
  return tableRow([
    escapeMarkdown(name),
    seconds(durationMs),
    ...[exitCode, sent, failed].map(String),
    `${longestGapMs} ms`,
    String(appRestarts),
    settingsWritten.length === 0 ? "none" : settingsWritten.map(escapeMarkdown).join(", "),
  ]);
}
