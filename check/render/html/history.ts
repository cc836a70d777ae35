/** The history of one cache as charts and sentences. */
import { FUNCTION_COLUMNS, functionRows } from "../../functions/words.ts";
import { gapInWords } from "../../history/gaps.ts";
import type { CacheHistory, Point } from "../../history/page.ts";
import { changeInWords, runsInWords, trendInWords } from "../../history/words.ts";
import { latencyInWords, memoryInWords, shareInWords, timeInWords } from "../../words.ts";
import { escapeMarkup } from "../escape.ts";
import { type Curve, lineChart, verdictChart } from "./chart.ts";

interface ChartPlan {
  title: string;
  curves: readonly Curve[];
  told: (value: number) => string;
  /** A top that does not depend on the values. */
  top?: number;
}

const CHARTS: readonly ChartPlan[] = [
  {
    title: "Latency",
    told: latencyInWords,
    curves: [
      { name: "median", className: "curve", valueAt: ({ p50Ms }) => p50Ms },
      { name: "95 of 100 (dashed)", className: "curve second", valueAt: ({ p95Ms }) => p95Ms },
    ],
  },
  {
    title: "Memory",
    told: memoryInWords,
    curves: [
      { name: "used", className: "curve", valueAt: ({ memoryUsedBytes }) => memoryUsedBytes },
      { name: "limit (dotted)", className: "limit", valueAt: ({ memoryLimitBytes }) => memoryLimitBytes },
    ],
  },
  {
    title: "Hit rate",
    told: shareInWords,
    top: 1,
    curves: [{ name: "hits", className: "curve", valueAt: ({ hitRate }) => hitRate }],
  },
];

/** @param now ISO 8601 @param heading the level of its heading */
export function historySection(cache: CacheHistory, now: string): string {
  const { points, changes, trends } = cache;
  const axis = { from: timeInWords(cache.from, now), to: timeInWords(cache.to, now) };
  const verdicts = verdictChart(points, {
    ...axis,
    title: "Verdicts",
    summary: `${runsInWords(cache, now)}.`,
    topInWords: "the higher, the worse",
  });
  const charts = CHARTS.flatMap((plan) => chartOf(plan, points, axis));
  const told = changes.map((change) => changeInWords(change, now));
  const missed = cache.gaps.slice(0, SHOWN).map((gap) => gapInWords(gap, now));
  const words = [...trends.map(trendInWords), ...missed, ...told.slice(0, SHOWN)];
  return `<div class="charts">${[verdicts, ...charts].join("\n")}</div>
${words.length === 0 ? "" : `<h3>What changed</h3>\n${list(words)}${earlier(told.slice(SHOWN))}`}${functionTable(cache)}`;
}

/** What the cache is worth to each function of the app. */
function functionTable({ functions }: CacheHistory): string {
  if (functions.length === 0) return "";
  const row = (tag: "th" | "td", cells: readonly string[]): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escapeMarkup(cell)}</${tag}>`).join("")}</tr>`;
  const rows = functionRows(functions).map((cells) => row("td", cells));
  return `\n<h3>Functions of the app</h3>\n<table class="functions"><thead>${row("th", FUNCTION_COLUMNS)}</thead><tbody>${rows.join("")}</tbody></table>`;
}

/** Changes that are seen without a click. */
const SHOWN = 5;

function earlier(told: readonly string[]): string {
  return told.length === 0
    ? ""
    : `\n<details><summary>${told.length} earlier</summary>${list(told)}</details>`;
}

function list(lines: readonly string[]): string {
  return `<ul class="words">${lines.map((line) => `<li>${escapeMarkup(line)}</li>`).join("")}</ul>`;
}

function chartOf(
  { title, curves, told, top }: ChartPlan,
  points: readonly Point[],
  axis: { from: string; to: string },
): string[] {
  const known = curves
    .map(({ valueAt, ...curve }) => ({
      ...curve,
      valueAt,
      values: points.flatMap((point) => valueAt(point) ?? []),
    }))
    .filter(({ values }) => values.length > 0);
  if (known.length === 0) return [];
  const highest = top ?? Math.max(...known.flatMap(({ values }) => values));
  const summary = known.map(({ name, values }) => `${name} ${rangeInWords(values, told)}`).join("; ");
  const facts = { ...axis, title, summary: `${summary}.`, top: highest || 1, topInWords: told(highest) };
  return [lineChart(points, known, facts)];
}

function rangeInWords(values: readonly number[], told: (value: number) => string): string {
  const [low, high] = [told(Math.min(...values)), told(Math.max(...values))];
  return `${told(values.at(-1) ?? 0)} now${low === high ? "" : `, from ${low} to ${high}`}`;
}
