/** The history's own page, in the formats that people and programs read it in. */
import { FUNCTION_COLUMNS, functionRows } from "../functions/words.ts";
import { gapInWords } from "../history/gaps.ts";
import type { CacheHistory, HistoryPage } from "../history/page.ts";
import { changeInWords, runsInWords, skippedInWords, trendInWords } from "../history/words.ts";
import { nameOf, VERDICT_MARKS } from "../words.ts";
import { cleaned } from "./clean.ts";
import { VERDICT_SIGNS } from "./markdown.ts";
import { escapeMarkdown, tableRow, withinLimit } from "./markdown-text.ts";

export type HistoryFormat = "text" | "json" | "markdown" | "html";
/** A view of the history: nothing is decided in it. The result ends with a line feed. */
type HistoryRenderer = (page: HistoryPage) => string;

const LOADERS: Readonly<Record<HistoryFormat, () => Promise<HistoryRenderer>>> = {
  text: async () => renderText,
  json: async () => (page) => `${JSON.stringify(page, null, 2)}\n`,
  markdown: async () => renderMarkdown,
  // The library of its charts would cost the other formats their time.
  html: async () => (await import("./html/document.ts")).renderHistoryHtml,
};

export async function historyRendererOf(format: HistoryFormat): Promise<HistoryRenderer> {
  const render = await LOADERS[format]();
  return (page) => render(cleaned(page));
}

const EMPTY = "No run is in the history yet.";

function renderText({ caches, skippedLines, generatedAt }: HistoryPage): string {
  const parts = caches.map((cache) =>
    [
      `${VERDICT_MARKS[cache.verdict]} ${cache.verdict}${codesOf(cache)}  ${nameOf(cache)}`,
      ...[runsInWords(cache, generatedAt), ...cache.trends.map(trendInWords)].map((line) => `  ${line}`),
      ...cache.changes.map((change) => `    ${changeInWords(change, generatedAt)}`),
      ...cache.gaps.map((gap) => `    ${gapInWords(gap, generatedAt)}`),
      ...functionLines(cache),
    ].join("\n"),
  );
  const skipped = skippedInWords(skippedLines);
  const all = [...(parts.length === 0 ? [EMPTY] : parts), ...(skipped === undefined ? [] : [skipped])];
  return `${all.join("\n\n")}\n`;
}

function renderMarkdown({ caches, skippedLines, generatedAt }: HistoryPage): string {
  const sections = caches.map((cache) => {
    const changes = [
      ...cache.changes.map((change) => changeInWords(change, generatedAt)),
      ...cache.gaps.map((gap) => gapInWords(gap, generatedAt)),
    ].map((line) => `- ${escapeMarkdown(line)}`);
    return [
      `## ${VERDICT_SIGNS[cache.verdict]} ${cache.verdict}${escapeMarkdown(codesOf(cache))}: ${escapeMarkdown(nameOf(cache))}`,
      "",
      `${escapeMarkdown(runsInWords(cache, generatedAt))}.`,
      "",
      ...cache.trends.map((trend) => `- ${trendInWords(trend)}`),
      ...(cache.trends.length === 0 ? [] : [""]),
      ...(changes.length === 0 ? [] : ["### What changed", "", ...changes, ""]),
      ...functionTable(cache),
    ].join("\n");
  });
  const skipped = skippedInWords(skippedLines);
  return withinLimit([
    ...(sections.length === 0 ? [`${EMPTY}\n`] : sections),
    ...(skipped === undefined ? [] : [`_${skipped}_\n`]),
  ]);
}

/** Columns as wide as their widest cell. */
function functionLines({ functions }: CacheHistory): string[] {
  if (functions.length === 0) return [];
  const rows = [[...FUNCTION_COLUMNS], ...functionRows(functions)];
  const widths = FUNCTION_COLUMNS.map((_, column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}

function functionTable({ functions }: CacheHistory): string[] {
  if (functions.length === 0) return [];
  const rows = functionRows(functions).map((cells) => tableRow(cells.map(escapeMarkdown)));
  const head = [tableRow(FUNCTION_COLUMNS), tableRow(FUNCTION_COLUMNS.map(() => "---"))];
  return ["### Functions of the app", "", ...head, ...rows, ""];
}

function codesOf({ codes }: CacheHistory): string {
  return codes.length === 0 ? "" : ` (${codes.join(", ")})`;
}
