/** The report for a job summary (GitHub's `$GITHUB_STEP_SUMMARY`, Azure Pipelines' `##vso[task.uploadsummary]`). */

import type { WrittenAdvice } from "../../base/advice.ts";
import { counted } from "../../base/counted.ts";
import { historyInWords } from "../forecast/words.ts";
import type { CheckResult, NotAsked, Report, ReportSet, Verdict } from "../report.ts";
import {
  findingInWords,
  impactInWords,
  isLoud,
  isShown,
  latencyInWords,
  memoryInWords,
  NETWORK_TIME,
  nameOf,
  secondsInWords,
  shareInWords,
} from "../words.ts";
import { adviceOf } from "./advice.ts";
import { codeSpan, escapeMarkdown, tableRow, withinLimit } from "./markdown-text.ts";

export const VERDICT_SIGNS: Readonly<Record<Verdict, string>> = {
  healthy: "✅",
  degraded: "⚠️",
  failed: "❌",
  disabled: "⚪",
};

const STATUS_SIGNS: Readonly<Record<CheckResult["status"], string>> = {
  pass: "✅",
  warn: "⚠️",
  fail: "❌",
  skip: "⚪",
};

export function renderMarkdown(set: ReportSet): string {
  const { reports, notAsked = [], generatedAt } = set;
  const sections = [
    ...(reports.length + notAsked.length > 1 ? [overview(set)] : []),
    ...notAsked.map(notAskedSection),
    ...reports.map((report) => section(report, generatedAt)),
  ];
  return withinLimit(sections);
}

function overview({ reports, notAsked = [] }: ReportSet): string {
  const signs = (Object.keys(VERDICT_SIGNS) as Verdict[]).flatMap((verdict) => {
    const count = reports.filter((report) => report.verdict === verdict).length;
    return count === 0 ? [] : [`${VERDICT_SIGNS[verdict]} ${count} ${verdict}`];
  });
  const unknown = notAsked.length === 0 ? [] : [`❔ ${notAsked.length} not checked`];
  return `# ${counted(reports.length + notAsked.length, "cache")}: ${[...signs, ...unknown].join(", ")}\n`;
}

function section(report: Report, now: string): string {
  const name = nameOf(report);
  const change = historyInWords(report, now);
  const shown = report.checks.filter(isShown);
  const notReached = report.checks.filter((check) => !isShown(check)).map(({ title }) => title);
  const lines = [
    `## ${VERDICT_SIGNS[report.verdict]} ${report.verdict}${name === "" ? "" : `: ${escapeMarkdown(name)}`}`,
    "",
    `**${impactInWords(report)}**${change === undefined ? "" : ` ${escapeMarkdown(change)}`}`,
    ...(report.now === undefined ? [] : ["", adviceInMarkdown(report.now)]),
    "",
    ...shown.filter(isLoud).map((check) => `- ${sentence(check)}`),
    "",
    tableRow(["", "Check", "Result"]),
    tableRow(["---", "---", "---"]),
    ...shown.map((check) =>
      tableRow([STATUS_SIGNS[check.status], check.title, findingInWords(check)].map(escapeMarkdown)),
    ),
    "",
    ...(notReached.length === 0 ? [] : [`Not reached: ${notReached.map(escapeMarkdown).join(", ")}.`, ""]),
    figures(report),
  ];
  return `${lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
}

function sentence(check: Extract<CheckResult, { status: "warn" | "fail" }>): string {
  return `${STATUS_SIGNS[check.status]} **${escapeMarkdown(check.title)}** ${escapeMarkdown(findingInWords(check))} → ${adviceInMarkdown(adviceOf(check))}`;
}

function figures({ measurements, durationMs, commandsUsed }: Report): string {
  if (commandsUsed === 0) return "";
  const { latencyMs, networkMs, memoryUsedBytes, memoryLimitBytes, hitRate, keys } = measurements;
  const limit = memoryLimitBytes === undefined ? "" : ` of ${memoryInWords(memoryLimitBytes)}`;
  const parts = [
    latencyMs && `p50 ${latencyInWords(latencyMs.p50)}`,
    networkMs !== undefined && `${NETWORK_TIME} ${latencyInWords(networkMs)}`,
    memoryUsedBytes !== undefined && `memory ${memoryInWords(memoryUsedBytes)}${limit}`,
    hitRate !== undefined && `hit rate ${shareInWords(hitRate)}`,
    keys !== undefined && counted(keys, "key"),
    `checked in ${secondsInWords(durationMs)} with ${counted(commandsUsed, "command")}`,
  ];
  return `_${parts.filter((each) => each).join(", ")}_`;
}

function notAskedSection(notAsked: NotAsked): string {
  const { stack, reason } = notAsked;
  const next = adviceInMarkdown(adviceOf(notAsked));
  return `## ❔ not checked: stack ${escapeMarkdown(stack)}\n\n${escapeMarkdown(reason)} → ${next}\n`;
}

function adviceInMarkdown({ say, run }: WrittenAdvice): string {
  const commands = run.length === 0 ? [] : [`Run: ${run.map(codeSpan).join(", then ")}`];
  return [...(say === "" ? [] : [escapeMarkdown(say)]), ...commands].join(" ");
}
