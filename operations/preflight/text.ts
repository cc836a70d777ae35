/** A preflight for a person: what stands in the way first. Pure. */
import { commandLine, propiq, pulumi } from "../../base/command.ts";
import { columnsFor } from "../../check/render/wrap.ts";
import { isLocal as isLocalPlan, PLANS } from "../../infra/plans/catalogue.ts";
import { MARKS } from "../result.ts";
import { noteLines, sections } from "../text.ts";
import type { PreflightReport, ReportedFinding } from "./finding.ts";

const VERDICTS: Readonly<Record<PreflightReport["verdict"], string>> = {
  ready: `${MARKS.pass} ready`,
  "not-ready": `${MARKS.fail} not ready`,
  unknown: `${MARKS.unknown} unknown`,
};

/** @param width columns of the terminal @returns ends with a line feed */
export function renderPreflight({ stack, plan, verdict, findings }: PreflightReport, width: number): string {
  const isLocal = PLANS.some((known) => known === plan && isLocalPlan(known));
  const preview = commandLine(isLocal ? propiq("dev") : pulumi(stack, "preview"));
  const columns = columnsFor(width);
  const lines = ({ status, words, hint }: ReportedFinding) =>
    noteLines({ status, say: words, snippet: hint }, columns);
  const isInTheWay = ({ status }: ReportedFinding) => status === "fail" || status === "unknown";
  return sections(
    [`${VERDICTS[verdict]}  stack ${stack}${plan === undefined ? "" : `, plan ${plan}`}`],
    findings.filter(isInTheWay).flatMap(lines),
    findings.filter((finding) => !isInTheWay(finding)).flatMap(lines),
    verdict === "ready" ? [`Next: ${preview}`] : [],
  );
}
