/** A rehearsal as a page of one file: no script, no network. */
import { escapeMarkup } from "../../../check/render/escape.ts";
import { pageOf } from "../../../check/render/html/page.ts";
import type { RehearsalReport, Step } from "../report.ts";
import { factsOf, seconds, totalsOf } from "./text.ts";

const MORE_STYLE = `
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0;
  border-top: 1px solid var(--line); } thead th { border-top: 0; color: var(--soft); font-size: .85rem; }
td.number { text-align: right; white-space: nowrap; } code { font: .9em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media (max-width: 40rem) { table, tbody, tr, th, td { display: block; } thead { display: none; }
  tr { padding: .5rem 0; border-top: 1px solid var(--line); } tbody th, tbody td, td.number { padding: 0; border: 0; text-align: left; } }
`.trim();

export function renderHtml(report: RehearsalReport): string {
  const { verdict, stack, steps, plugins, isolation, notMapped, notes, generatedAt, durationMs } = report;
  const total = totalsOf(steps);
  const title = `Rehearsal of ${stack}: ${verdict}`;
  const facts = {
    Requests: String(total.sent),
    Failed: String(total.failed),
    "Longest gap": `${total.longestGapMs} ms`,
    Restarts: String(total.appRestarts),
    Time: seconds(durationMs),
    Isolation: isolation,
    ...Object.fromEntries(Object.entries(plugins).map(([name, kind]) => [`Plugin ${name}`, kind])),
  };
  const lines = [...notes, ...(notMapped.length === 0 ? [] : [`Not mapped: ${notMapped.join(", ")}`])];
  return pageOf({ title, generatedAt, style: MORE_STYLE }, [
    `<section class="card ${verdict === "passed" ? "healthy" : "failed"}">
<dl class="figures">
${Object.entries(facts)
  .map(([name, value]) => `<div><dt>${escapeMarkup(name)}</dt><dd>${escapeMarkup(value)}</dd></div>`)
  .join("\n")}
</dl>
${lines.map((line) => `<p>${escapeMarkup(line)}</p>`).join("\n")}
</section>
<table>
<thead><tr><th scope="col">Step</th><th scope="col">Time</th><th scope="col">What happened</th></tr></thead>
<tbody>
${steps.map(rowOf).join("\n")}
</tbody>
</table>`,
  ]);
}

function rowOf(step: Step): string {
  const { name, command, durationMs, code, observed, hint, note, settingsWritten } = step;
  const parts = [
    `<code>${escapeMarkup(command)}</code>`,
    escapeMarkup(factsOf(step).join(", ")),
    settingsWritten.length === 0 ? "" : `Settings written: ${escapeMarkup(settingsWritten.join(", "))}`,
    code === undefined ? "" : `<strong>${escapeMarkup(code)}</strong>: ${escapeMarkup(observed ?? "")}`,
    escapeMarkup(hint ?? ""),
    note === undefined ? "" : `Note: ${escapeMarkup(note)}`,
  ].filter((part) => part !== "");
  return `<tr><th scope="row">${escapeMarkup(name)}</th><td class="number">${seconds(durationMs)}</td><td>${parts.join("<br>")}</td></tr>`;
}
