/** The report for a person: the verdict, what users would have seen, what to change. */

import { styleText } from "node:util";
import { counted } from "../../../base/counted.ts";
import { wrap } from "../../../check/render/wrap.ts";
import { FAULT_WORDS } from "../faults.ts";
import { CLIENTS, type DrillReport, type FaultResult } from "../report.ts";
import { inMs, inSeconds, remediesOf, verdictInWords } from "../words.ts";

type Style = "green" | "red" | "dim" | "bold";
type Paint = (style: Style, text: string) => string;

const MARKS: Readonly<Record<FaultResult["verdict"], { mark: string; style: Style }>> = {
  passed: { mark: "✓", style: "green" },
  failed: { mark: "✗", style: "red" },
  skipped: { mark: "-", style: "dim" },
};
/** Columns that marks and names of faults take. */
const INDENT = 19;

export function renderText(report: DrillReport, { color, width }: { color: boolean; width: number }): string {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
  const columns = Math.max(60, Math.min(width, 120));
  const { mark, style } = MARKS[report.verdict];
  const lines = [
    `${paint(style, `${mark} ${report.verdict}`)}  ${paint("bold", report.command)}`,
    ...wrap(verdictInWords(report), columns, 2),
    "",
    ...report.faults.flatMap((result) => faultLines(result, paint, columns)),
    ...remedyLines(report, paint, columns),
    "",
    ...measuredInWords(report).flatMap((line) => wrap(line, columns, 2).map((each) => paint("dim", each))),
    ...report.notes.flatMap((note) => wrap(`Note: ${note}`, columns, 2)),
  ];
  return `${lines.join("\n")}\n`;
}

function faultLines(result: FaultResult, paint: Paint, columns: number): string[] {
  const { fault, verdict } = result;
  const { mark, style } = MARKS[verdict];
  const [first = "", ...rest] = wrap(summary(result), columns, INDENT);
  const lines = [`  ${mark} ${fault}`.padEnd(INDENT) + first.trimStart(), ...rest];
  if (result.verdict !== "failed") return lines.map((line) => line.replace(mark, paint(style, mark)));
  const repeat = `${" ".repeat(INDENT)}Repeat: ${result.repeat}`;
  return [...lines.map((line) => paint(style, line)), repeat];
}

function summary(result: FaultResult): string {
  if (result.verdict === "failed") return `${result.code}: ${FAULT_WORDS[result.fault]}. ${result.observed}`;
  if (result.verdict === "skipped") return result.observed;
  const { p99Ms, recoveredAfterMs } = result;
  const p99 = p99Ms === undefined ? "" : `, p99 ${inMs(p99Ms)}`;
  const recovered =
    recoveredAfterMs === undefined ? "" : `; cache used again after ${inSeconds(recoveredAfterMs)}`;
  return `No request failed${p99}${recovered}`;
}

function remedyLines(report: DrillReport, paint: Paint, columns: number): string[] {
  const lines = remediesOf(report).flatMap(({ faults, hint, settings }) => [
    ...wrap(`→ ${faults.join(", ")}: ${hint}`, columns, 2).map((line) => paint("bold", line)),
    ...CLIENTS.map((client) => `      ${`${client}:`.padEnd(21)}${settings[client]}`),
  ]);
  return lines.length === 0 ? [] : ["", ...lines];
}

/** What the faults were compared with, a sentence or two a line. */
export function measuredInWords(report: DrillReport): string[] {
  const { baseline, withoutCache, limitMs, requests, durationMs, faultSeconds } = report;
  return [
    `p99 with the cache ${inMs(baseline.p99Ms)}, without it ${inMs(withoutCache.p99Ms)}. Allowed during a fault: ${inMs(withoutCache.p99Ms + limitMs)}.`,
    `Requests: ${requests.map((url) => `GET ${url}`).join(", ")}. ${counted(baseline.commandsPerRequest, "command")} to Redis each.`,
    `Each fault lasted ${inSeconds(faultSeconds * 1000)}. The drill took ${inSeconds(durationMs)}.`,
  ];
}
