/** The report for a person, who may just have been woken: on one screen, what matters first. */
import { styleText } from "node:util";
import type { CheckResult, Impact, Report, ReportSet, Verdict } from "../report.ts";
import type { RenderOptions } from "./formats.ts";
import { wrap } from "./wrap.ts";

type Style = "green" | "yellow" | "red" | "dim" | "bold";
/** Styles a text, or leaves it as it is. */
type Paint = (style: Style, text: string) => string;

const VERDICTS: Readonly<Record<Verdict, { mark: string; style: Style }>> = {
  healthy: { mark: "✔", style: "green" },
  degraded: { mark: "!", style: "yellow" },
  failed: { mark: "✘", style: "red" },
  disabled: { mark: "○", style: "dim" },
};

const IMPACTS: Readonly<Record<Impact, string>> = {
  none: "Users notice nothing.",
  slower: "Users find the app slower, if it can do without its cache.",
  "users-affected": "Users are affected: the app waits for its cache, or gets wrong data from it.",
  unknown: "Whether users feel it cannot be told from here: the app may reach its cache all the same.",
};

const DISABLED = "The app was told to run without its cache.";

const STATUSES: Readonly<Record<CheckResult["status"], { mark: string; style: Style }>> = {
  pass: { mark: "✔", style: "green" },
  warn: { mark: "!", style: "yellow" },
  fail: { mark: "✘", style: "red" },
  skip: { mark: "·", style: "dim" },
};

/** Columns that marks and titles take. */
const INDENT = 20;

export function renderText({ reports }: ReportSet, { color, width }: RenderOptions): string {
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
  const columns = Math.max(40, Math.min(width, 120));
  return reports.map((report) => `${renderReport(report, paint, columns).join("\n")}\n`).join("\n");
}

function renderReport(report: Report, paint: Paint, columns: number): string[] {
  const { mark, style } = VERDICTS[report.verdict];
  const names = [report.stack && `stack ${report.stack}`, report.plan && `plan ${report.plan}`];
  const where = [report.endpoint, ...names].filter(Boolean).join(", ");
  const asked = report.checks.filter(isTold);
  const notAsked = report.checks.filter((check) => !isTold(check)).map(({ title }) => title);
  return [
    `${paint(style, `${mark} ${report.verdict}`)}${where === "" ? "" : `  ${paint("bold", where)}`}`,
    ...wrap(report.verdict === "disabled" ? DISABLED : IMPACTS[report.impact], columns, 2),
    "",
    ...asked.flatMap((check) => renderCheck(check, paint, columns)),
    ...(notAsked.length === 0
      ? []
      : wrap(`Not reached: ${notAsked.join(", ")}.`, columns, 2).map((line) => paint("dim", line))),
    ...(report.commandsUsed === 0
      ? []
      : ["", paint("dim", `  ${seconds(report.durationMs)}, ${report.commandsUsed} commands`)]),
  ];
}

/** A skip without a word only says that the check did not get that far. */
function isTold({ status, observed }: CheckResult): boolean {
  return status !== "skip" || observed !== undefined;
}

function renderCheck(check: CheckResult, paint: Paint, columns: number): string[] {
  const { mark, style } = STATUSES[check.status];
  const loud = check.status === "warn" || check.status === "fail";
  const told =
    loud && check.expected !== undefined
      ? `${check.observed ?? ""}; expected: ${check.expected}`
      : check.observed;
  const code = loud ? `${check.code}: ` : "";
  const [first = "", ...rest] = wrap(`${code}${told ?? ""}`, columns, INDENT);
  const title = `  ${mark} ${check.title}`.padEnd(INDENT);
  const lines = [`${title}${first.trimStart()}`.trimEnd(), ...rest].map((line) =>
    check.status === "pass" ? line.replace(mark, paint(style, mark)) : paint(style, line),
  );
  const hint = loud && check.hint !== undefined ? wrap(`→ ${check.hint}`, columns, INDENT) : [];
  return [...lines, ...hint.map((line) => paint("bold", line))];
}

function seconds(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
