/** A preflight for a person: what stands in the way first. */
import { commandLine, propiq, pulumi } from "../../base/command.ts";
import { wrap } from "../../check/render/wrap.ts";
import { isLocal as isLocalPlan, PLANS } from "../../infra/plans/catalogue.ts";
import type { Finding, PreflightReport, Status } from "./finding.ts";

const MARKS: Readonly<Record<Status, string>> = {
  pass: "✔",
  note: "·",
  warn: "!",
  fail: "✖",
  unknown: "?",
  skip: "-",
};

const VERDICTS: Readonly<Record<PreflightReport["verdict"], string>> = {
  ready: "✔ ready",
  "not-ready": "✖ not ready",
  unknown: "? unknown",
};

/** @param width columns of the terminal @returns ends with a line feed */
export function renderPreflight({ stack, plan, verdict, findings }: PreflightReport, width: number): string {
  const isLocal = PLANS.some((known) => known === plan && isLocalPlan(known));
  const columns = Math.max(40, Math.min(width, 120));
  const head = `${VERDICTS[verdict]}  stack ${stack}${plan === undefined ? "" : `, plan ${plan}`}`;
  const inTheWay = findings.filter(({ status }) => status === "fail" || status === "unknown");
  const rest = findings.filter(({ status }) => status !== "fail" && status !== "unknown");
  const sections = [
    [head],
    inTheWay.flatMap((each) => linesOf(each, columns)),
    rest.flatMap((each) => linesOf(each, columns)),
  ];
  const preview = commandLine(isLocal ? propiq("dev") : pulumi(stack, "preview"));
  const next = verdict === "ready" ? [[`Next: ${preview}`]] : [];
  return `${[...sections, ...next]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** Hints hold commands to paste, so their lines are never broken. */
function linesOf({ status, words, hint }: Finding, columns: number): string[] {
  const [first = "", ...more] = words.split("\n").flatMap((line) => wrap(line, columns, 2));
  return [
    `${MARKS[status]} ${first.trimStart()}`,
    ...more,
    ...(hint ?? "")
      .split("\n")
      .filter(Boolean)
      .map((line) => `    ${line}`),
  ];
}
