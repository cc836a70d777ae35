/** The report for a job summary. */
import { escapeMarkdown, tableRow } from "../../../check/render/markdown-text.ts";
import { CLIENTS, type DrillReport, type FaultResult } from "../report.ts";
import { inMs, inSeconds, remediesOf, verdictInWords } from "../words.ts";
import { measuredInWords } from "./text.ts";

const SIGNS: Readonly<Record<FaultResult["verdict"], string>> = { passed: "✅", failed: "❌", skipped: "⚪" };

export function renderMarkdown(report: DrillReport): string {
  const { verdict, command, faults, notes } = report;
  const lines = [
    `## ${SIGNS[verdict]} drill ${verdict}: ${code(command)}`,
    "",
    `**${escapeMarkdown(verdictInWords(report))}**`,
    "",
    tableRow(["", "Fault", "Result", "Requests failed", "p99", "Cache used again after"]),
    tableRow(["---", "---", "---", "---", "---", "---"]),
    ...faults.map(row),
    "",
    ...faults.flatMap(failure),
    "",
    ...remediesOf(report).flatMap(remedy),
    `_${escapeMarkdown(measuredInWords(report).join(" "))}_`,
    ...notes.flatMap((note) => ["", `Note: ${escapeMarkdown(note)}`]),
  ];
  return `${lines.join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

function row(result: FaultResult): string {
  const { fault, verdict, requests, p99Ms, recoveredAfterMs } = result;
  return tableRow([
    SIGNS[verdict],
    fault,
    result.verdict === "failed" ? result.code : verdict,
    `${requests.failed} of ${requests.sent}`,
    p99Ms === undefined ? "" : inMs(p99Ms),
    recoveredAfterMs === undefined ? "" : inSeconds(recoveredAfterMs),
  ]);
}

function failure(result: FaultResult): string[] {
  if (result.verdict !== "failed") return [];
  return [`- **${result.fault}** ${escapeMarkdown(result.observed)} Repeat: ${code(result.repeat)}`];
}

function remedy({ faults, hint, settings }: ReturnType<typeof remediesOf>[number]): string[] {
  return [
    `**To change** (${faults.join(", ")}): ${escapeMarkdown(hint)}`,
    "",
    ...CLIENTS.map((client) => `- ${client}: ${code(settings[client])}`),
    "",
  ];
}

/** More backticks around it than in it. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${text}${space}${fence}`;
}
