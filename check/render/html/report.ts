/** One cache's report as a card: verdict and impact first, then what was checked, then figures. */

import type { WrittenAdvice } from "../../../base/advice.ts";
import { counted } from "../../../base/counted.ts";
import { historyInWords } from "../../forecast/words.ts";
import type { CheckResult, NotAsked, Report } from "../../report.ts";
import {
  impactInWords,
  isLoud,
  isShown,
  latencyInWords,
  memoryInWords,
  NETWORK_TIME,
  nameOf,
  STATUS_MARKS,
  secondsInWords,
  shareInWords,
  VERDICT_MARKS,
} from "../../words.ts";
import { adviceOf } from "../advice.ts";
import { escapeMarkup } from "../escape.ts";

/** @param at ISO 8601 @param charts HTML to put at the end of the card */
export function reportCard(report: Report, at: string, charts = ""): string {
  const { verdict, checks } = report;
  const change = historyInWords(report, at);
  const notReached = checks.filter((check) => !isShown(check)).map(({ title }) => title);
  return `<section class="card ${verdict}">
<h2><span class="verdict">${VERDICT_MARKS[verdict]} ${verdict}</span> ${escapeMarkup(nameOf(report))}</h2>
<p class="impact">${escapeMarkup(impactInWords(report))}</p>
${now(report)}${change === undefined ? "" : `<p>${escapeMarkup(change)}</p>`}
<ul class="checks">${checks.filter(isShown).map(checkItem).join("\n")}</ul>
${notReached.length === 0 ? "" : `<p class="soft">Not reached: ${escapeMarkup(notReached.join(", "))}.</p>`}
${figures(report)}
${charts === "" ? "" : `<h3>History</h3>\n${charts}`}
</section>`;
}

/** The command that ends the impact, before anything else is explained. */
function now({ now: advice }: Report): string {
  return advice === undefined ? "" : `<p class="hint">${adviceInHtml(advice)}</p>\n`;
}

export function notAskedCard(notAsked: NotAsked): string {
  const { stack, reason } = notAsked;
  return `<section class="card failed">
<h2><span class="verdict">? not checked</span> ${escapeMarkup(`stack ${stack}`)}</h2>
<p>${escapeMarkup(reason)}</p>
<p class="hint">${adviceInHtml(adviceOf(notAsked))}</p>
</section>`;
}

function checkItem(check: CheckResult): string {
  const { status, title, observed = "", expected } = check;
  const loud = isLoud(check);
  const seen = loud && expected !== undefined ? `${observed}; expected: ${expected}` : observed;
  const code = loud ? `<span class="code">${check.code}</span> ` : "";
  const hint = loud ? `<span class="hint">${adviceInHtml(adviceOf(check))}</span>` : "";
  const mark = `<span class="mark">${STATUS_MARKS[status]} ${status}</span>`;
  return `<li class="${status}">${mark}<span class="title">${escapeMarkup(title)}</span><span>${code}${escapeMarkup(seen)}</span>${hint}</li>`;
}

function adviceInHtml({ say, run }: WrittenAdvice): string {
  const commands = run.map((command) => `<code>${escapeMarkup(command)}</code>`);
  const lines = [
    ...(say === "" ? [] : [escapeMarkup(say)]),
    ...(commands.length === 0 ? [] : [`Run: ${commands.join(", then ")}`]),
  ];
  return `→ ${lines.join(" ")}`;
}

function figures({ measurements, durationMs, commandsUsed }: Report): string {
  const { latencyMs, networkMs, memoryUsedBytes, memoryLimitBytes, hitRate } = measurements;
  const { keys, connectedClients, evictedKeys, serverVersion } = measurements;
  const limit = memoryLimitBytes === undefined ? "" : ` of ${memoryInWords(memoryLimitBytes)}`;
  const facts: [string, string | undefined][] = [
    ["p50", latencyMs && latencyInWords(latencyMs.p50)],
    ["p95", latencyMs && latencyInWords(latencyMs.p95)],
    [capitalised(NETWORK_TIME), networkMs === undefined ? undefined : latencyInWords(networkMs)],
    ["Memory", memoryUsedBytes === undefined ? undefined : memoryInWords(memoryUsedBytes) + limit],
    ["Hit rate", hitRate === undefined ? undefined : shareInWords(hitRate)],
    ["Keys", keys?.toString()],
    ["Clients", connectedClients?.toString()],
    ["Evicted keys", evictedKeys?.toString()],
    ["Server", serverVersion],
    [
      "Checked in",
      commandsUsed === 0 ? undefined : `${secondsInWords(durationMs)}, ${counted(commandsUsed, "command")}`,
    ],
  ];
  const known = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`<div><dt>${name}</dt><dd>${escapeMarkup(value)}</dd></div>`],
  );
  return known.length === 0 ? "" : `<dl class="figures">${known.join("")}</dl>`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
