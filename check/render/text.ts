/** The report for a person, who may just have been woken: on one screen, what matters first. */

import { styleText } from "node:util";
import type { WrittenAdvice } from "../../base/advice.ts";
import { counted } from "../../base/counted.ts";
import { historyInWords } from "../forecast/words.ts";
import { skippedInWords } from "../history/words.ts";
import type { CheckResult, NotAsked, Report, ReportSet, Verdict } from "../report.ts";
import {
  findingInWords,
  impactInWords,
  isLoud,
  isShown,
  nameOf,
  STATUS_MARKS,
  secondsInWords,
  VERDICT_MARKS,
} from "../words.ts";
import { adviceOf } from "./advice.ts";
import type { RenderOptions } from "./renderer.ts";
import { columnsFor, wrap } from "./wrap.ts";

type Style = "green" | "yellow" | "red" | "dim" | "bold";
/** Styles a text, or leaves it as it is. */
type Paint = (style: Style, text: string) => string;

const VERDICT_STYLES: Readonly<Record<Verdict, Style>> = {
  healthy: "green",
  degraded: "yellow",
  failed: "red",
  disabled: "dim",
};

const STATUS_STYLES: Readonly<Record<CheckResult["status"], Style>> = {
  pass: "green",
  warn: "yellow",
  fail: "red",
  skip: "dim",
};

/** Columns that marks and titles take; where a line has fewer than three times that, they take no columns of their own. */
const INDENT = 20;
const NARROW_INDENT = 4;

export function renderText(set: ReportSet, { color, width }: RenderOptions): string {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
  const columns = columnsFor(width);
  const parts = [
    ...set.reports.map((report) => renderReport(report, set.generatedAt, paint, columns)),
    ...(set.notAsked ?? []).map((each) => renderNotAsked(each, paint, columns)),
  ];
  const skipped = skippedInWords(set.skippedHistoryLines ?? 0);
  if (skipped !== undefined) parts.push(wrap(skipped, columns, 2));
  return parts.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function renderReport(report: Report, now: string, paint: Paint, columns: number): string[] {
  const { verdict } = report;
  const where = nameOf(report);
  const asked = report.checks.filter(isShown);
  const notAsked = report.checks.filter((check) => !isShown(check)).map(({ title }) => title);
  const dim = (line: string) => paint("dim", line);
  return [
    `${paint(VERDICT_STYLES[verdict], `${VERDICT_MARKS[verdict]} ${verdict}`)}${where === "" ? "" : `  ${paint("bold", where)}`}`,
    ...wrap(impactInWords(report), columns, 2),
    ...(report.now === undefined ? [] : adviceLines(report.now, columns, 2)).map((line) =>
      paint("bold", line),
    ),
    ...wrap(historyInWords(report, now) ?? "", columns, 2),
    "",
    ...asked.flatMap((check) => renderCheck(check, paint, columns)),
    ...(notAsked.length === 0 ? [] : wrap(`Not reached: ${notAsked.join(", ")}.`, columns, 2).map(dim)),
    ...(report.commandsUsed === 0
      ? []
      : ["", dim(`  ${secondsInWords(report.durationMs)}, ${counted(report.commandsUsed, "command")}`)]),
  ];
}

function renderCheck(check: CheckResult, paint: Paint, columns: number): string[] {
  const mark = STATUS_MARKS[check.status];
  const style = STATUS_STYLES[check.status];
  const isNarrow = columns < 3 * INDENT;
  const indent = isNarrow ? NARROW_INDENT : INDENT;
  const found = findingInWords(check);
  const [first = "", ...rest] = wrap(isNarrow ? `${check.title}: ${found}` : found, columns, indent);
  const title = isNarrow ? `  ${mark} ` : `  ${mark} ${check.title}`.padEnd(INDENT);
  const lines = [`${title}${first.trimStart()}`.trimEnd(), ...rest].map((line) =>
    check.status === "pass" ? line.replace(mark, paint(style, mark)) : paint(style, line),
  );
  const next = isLoud(check) ? adviceLines(adviceOf(check), columns, indent) : [];
  return [...lines, ...next.map((line) => paint("bold", line))];
}

/** A command keeps its line, however long: broken in two, it could not be copied. */
function adviceLines({ say, run }: WrittenAdvice, columns: number, indent: number): string[] {
  const commands = run.map((command) => `${" ".repeat(indent)}→ Run: ${command}`);
  return [...(say === "" ? [] : wrap(`→ ${say}`, columns, indent)), ...commands];
}

function renderNotAsked(notAsked: NotAsked, paint: Paint, columns: number): string[] {
  const { stack, reason } = notAsked;
  return [
    `${paint("red", "? not checked")}  ${paint("bold", `stack ${stack}`)}`,
    ...wrap(reason, columns, 2),
    ...adviceLines(adviceOf(notAsked), columns, 2).map((line) => paint("bold", line)),
  ];
}
