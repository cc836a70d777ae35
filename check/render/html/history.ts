/** The history of one cache as charts and sentences. */
import { counted } from "../../../base/counted.ts";
import { FUNCTION_COLUMNS, functionRows } from "../../functions/words.ts";
import { gapInWords } from "../../history/gaps.ts";
import type { CacheHistory, Point } from "../../history/page.ts";
import { changeInWords, runsInWords, trendInWords } from "../../history/words.ts";
import type { Thresholds } from "../../judge/thresholds.ts";
import type { Verdict } from "../../report.ts";
import { latencyInWords, memoryInWords, shareInWords } from "../../words.ts";
import { escapeMarkup } from "../escape.ts";
import { type Curve, type Frame, lineChart, type Span, stateChart } from "./chart.ts";

const MB = 1024 * 1024;

interface ChartPlan {
  title: string;
  curves: readonly (Pick<Curve, "className"> & {
    name: string;
    valueAt: (point: Point) => number | undefined;
  })[];
  limits: (cache: CacheHistory) => readonly { name: string; value: number | undefined }[];
  inWords: (value: number) => string;
  /** What a value is divided by to be a number of the axis. */
  perUnit: number;
  unit: string;
  /** The highest number of the axis, where it does not depend on the values. */
  top?: number;
}

const threshold = (cache: CacheHistory, name: keyof Thresholds) => cache.thresholds?.[name];

const CHARTS: readonly ChartPlan[] = [
  {
    title: "Latency",
    inWords: latencyInWords,
    perUnit: 1,
    unit: " ms",
    curves: [
      { name: "p50", className: "curve", valueAt: ({ p50Ms }) => p50Ms },
      { name: "p95 (dashed)", className: "curve second", valueAt: ({ p95Ms }) => p95Ms },
    ],
    limits: (cache) => [{ name: "warning above", value: threshold(cache, "responseMaxMs") }],
  },
  {
    title: "Memory",
    inWords: memoryInWords,
    perUnit: MB,
    unit: " MB",
    curves: [{ name: "used", className: "curve", valueAt: ({ memoryUsedBytes }) => memoryUsedBytes }],
    limits: (cache) => [
      { name: "limit", value: cache.points.findLast((point) => point.memoryLimitBytes)?.memoryLimitBytes },
      { name: "warning from", value: threshold(cache, "memoryMaxBytes") },
    ],
  },
  {
    title: "Hit rate",
    inWords: shareInWords,
    perUnit: 0.01,
    unit: "%",
    top: 100,
    curves: [{ name: "hits", className: "curve", valueAt: ({ hitRate }) => hitRate }],
    limits: (cache) => [{ name: "warning below", value: threshold(cache, "hitRateMin") }],
  },
];

/** From the best to the worst, as the rows of their chart read from the bottom to the top. */
const VERDICTS: readonly Verdict[] = ["disabled", "healthy", "degraded", "failed"];

/** @param now ISO 8601 */
export function historySection(cache: CacheHistory, now: string): string {
  const { changes, trends, gaps } = cache;
  const frame: Frame = { from: cache.from, to: cache.to, failed: spansOf(cache, "failed"), gaps };
  const charts = CHARTS.map((plan) => chartOf(plan, cache, frame));
  const empty = CHARTS.filter((_, index) => charts[index] === undefined).map(({ title }) => title);
  const shown = changes.map((change) => changeInWords(change, now));
  const missed = gaps.slice(0, SHOWN).map((gap) => gapInWords(gap, now));
  const words = [...trends.map(trendInWords), ...missed, ...shown.slice(0, SHOWN)];
  const notes = [...legend(frame), ...emptyState(empty)].map(
    (note) => `\n<p class="soft">${escapeMarkup(note)}</p>`,
  );
  return `<div class="charts">${[verdictChart(cache, frame, now), ...charts].filter((chart) => chart !== undefined).join("\n")}</div>${notes.join("")}
${words.length === 0 ? "" : `<h3>What changed</h3>\n${list(words)}${earlier(shown.slice(SHOWN))}`}${functionTable(cache)}`;
}

function verdictChart(cache: CacheHistory, frame: Frame, now: string): string {
  const rows = VERDICTS.toReversed().flatMap((verdict) => {
    const spans = spansOf(cache, verdict);
    return spans.length === 0 ? [] : [{ name: verdict, className: verdict, spans }];
  });
  return stateChart({ title: "Verdicts", summary: `${runsInWords(cache, now)}.`, rows }, frame);
}

/** From the first point with a verdict to the next one with another, or to the gap before that. */
function spansOf({ points, gaps, to: end }: CacheHistory, verdict: Verdict): Span[] {
  const spans: Span[] = [];
  for (const [index, point] of points.entries()) {
    if (point.verdict !== verdict) continue;
    const next = points[index + 1]?.at ?? end;
    const to = gaps.find((gap) => gap.from >= point.at && gap.to <= next)?.from ?? next;
    const before = spans.at(-1);
    if (before?.to === point.at) before.to = to;
    else spans.push({ from: point.at, to });
  }
  return spans;
}

function legend({ failed, gaps }: Frame): string[] {
  const shaded = [
    ...(failed.length === 0 ? [] : ["Red areas: the check failed."]),
    ...(gaps.length === 0 ? [] : ["Grey areas: no check ran."]),
  ];
  return [["Times are UTC.", ...shaded].join(" ")];
}

function emptyState(titles: readonly string[]): string[] {
  return titles.length === 0 ? [] : [`Not measured yet: ${titles.join(", ").toLowerCase()}.`];
}

/** What the cache is worth to each function of the app. On a narrow page each cell shows its column's name. */
function functionTable({ functions }: CacheHistory): string {
  if (functions.length === 0) return "";
  const heads = FUNCTION_COLUMNS.map((column) => `<th scope="col">${column}</th>`);
  const rows = functionRows(functions).map((cells) =>
    cells.map(
      (cell, index) => `<td data-column="${FUNCTION_COLUMNS[index] ?? ""}">${escapeMarkup(cell)}</td>`,
    ),
  );
  return `
<h3>Functions of the app</h3>
<table class="functions"><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.map((row) => `<tr>${row.join("")}</tr>`).join("")}</tbody></table>`;
}

/** Changes that are seen without a click. */
const SHOWN = 5;

function earlier(shown: readonly string[]): string {
  return shown.length === 0
    ? ""
    : `\n<details><summary>${counted(shown.length, "earlier change")}</summary>${list(shown)}</details>`;
}

function list(lines: readonly string[]): string {
  return `<ul class="words">${lines.map((line) => `<li>${escapeMarkup(line)}</li>`).join("")}</ul>`;
}

/** A limit this many times above all values would press the curves to the bottom: words alone name it. */
const FARTHEST_LIMIT = 8;

/** @returns undefined where nothing was measured */
function chartOf(plan: ChartPlan, cache: CacheHistory, frame: Frame): string | undefined {
  const { title, inWords, perUnit, unit, top } = plan;
  const curves = plan.curves.map(({ name, className, valueAt }) => {
    const values = cache.points.map((point) => ({ at: point.at, value: valueAt(point) }));
    return { name, className, values, known: values.flatMap(({ value }) => value ?? []) };
  });
  const measured = curves.filter(({ known }) => known.length > 0);
  if (measured.length === 0) return undefined;
  const limits = plan
    .limits(cache)
    .flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]));
  const highest = Math.max(...measured.flatMap(({ known }) => known));
  const summary = [
    ...measured.map(({ name, known }) => `${name} ${rangeInWords(known, inWords)}`),
    ...limits.map(({ name, value }) => `${name} ${inWords(value)}`),
  ].join("; ");
  const scaled = measured.map(({ className, values }) => ({
    className,
    values: values.map(({ at, value }) => (value === undefined ? { at } : { at, value: value / perUnit })),
  }));
  return lineChart(
    {
      ...{ title, summary: `${summary}.`, unit, curves: scaled },
      limits: limits
        .filter(({ value }) => top !== undefined || value <= highest * FARTHEST_LIMIT)
        .map(({ value, name }) => ({ value: value / perUnit, label: name })),
      ...(top === undefined ? {} : { top }),
    },
    frame,
  );
}

function rangeInWords(values: readonly number[], inWords: (value: number) => string): string {
  const [low, high] = [inWords(Math.min(...values)), inWords(Math.max(...values))];
  return `${inWords(values.at(-1) ?? 0)} now${low === high ? "" : `, from ${low} to ${high}`}`;
}
