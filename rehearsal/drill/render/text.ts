/** The report for a person: the verdict, what users would have seen, what to change. */
import { styleText } from "node:util";
import { wrap } from "../../../check/render/wrap.ts";
import { CLIENTS, type DrillReport, type FaultResult } from "../report.ts";
import { inMs, inSeconds, verdictInWords } from "../words.ts";

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
    "",
    ...wrap(measuredInWords(report), columns, 2).map((line) => paint("dim", line)),
    ...report.notes.flatMap((note) => wrap(`Note: ${note}`, columns, 2)),
  ];
  return `${lines.join("\n")}\n`;
}

function faultLines(result: FaultResult, paint: Paint, columns: number): string[] {
  const { mark, style } = MARKS[result.verdict];
  const title = `  ${mark} ${result.fault}`.padEnd(INDENT);
  const [first = "", ...rest] = wrap(summary(result), columns, INDENT);
  const lines = [`${title}${first.trimStart()}`, ...rest];
  if (result.verdict !== "failed") return lines.map((line) => line.replace(mark, paint(style, mark)));
  const indented = (text: string) => `${" ".repeat(INDENT)}${text}`;
  return [
    ...lines.map((line) => paint(style, line)),
    ...wrap(`→ ${result.hint}`, columns, INDENT).map((line) => paint("bold", line)),
    ...CLIENTS.map((client) => indented(`  ${`${client}:`.padEnd(21)}${result.clientSettings[client]}`)),
    indented(`Repeat: ${result.repeat}`),
  ];
}

/** "p99 12 ms; cache used again after 0.4 s", or what users would have seen. */
function summary(result: FaultResult): string {
  if (result.verdict === "failed") return `${result.code}. ${result.observed}`;
  if (result.verdict === "skipped") return result.observed;
  const { requests, p99Ms, recoveredAfterMs } = result;
  const told = [
    `${requests.sent} requests answered`,
    p99Ms === undefined ? "" : `p99 ${inMs(p99Ms)}`,
    recoveredAfterMs === undefined ? "" : `cache used again after ${inSeconds(recoveredAfterMs)}`,
  ];
  return told.filter((each) => each !== "").join(", ");
}

/** What the faults were compared with. */
export function measuredInWords(report: DrillReport): string {
  const { baseline, withoutCache, limitMs, requests, durationMs, faultSeconds } = report;
  return [
    `p99 with the cache ${inMs(baseline.p99Ms)}, without it ${inMs(withoutCache.p99Ms)};`,
    `during a fault up to ${inMs(withoutCache.p99Ms + limitMs)} is allowed.`,
    `GET ${requests.join(", GET ")}: ${baseline.commandsPerRequest} commands a request.`,
    `Each fault lasted ${inSeconds(faultSeconds * 1000)}; the drill took ${inSeconds(durationMs)}.`,
  ].join(" ");
}
