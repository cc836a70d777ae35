/** Charts as inline SVG, drawn without a browser. The page's style sheet gives them their colours. */
import {
  axisX,
  axisY,
  barX,
  dot,
  gridY,
  line,
  type Markish,
  type PlotOptions,
  plot,
  rectX,
  ruleY,
  text,
} from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeMarkup } from "../escape.ts";

export interface Value {
  /** ISO 8601, UTC. */
  at: string;
  /** Absent where it was not measured: the curve has a hole there. */
  value?: number;
}

export interface Span {
  from: string;
  to: string;
}

export interface Curve {
  className: "curve" | "curve second";
  values: readonly Value[];
}

/** What all charts of a cache share. */
export interface Frame extends Span {
  /** Spans in which the check failed. */
  failed: readonly Span[];
  /** Spans in which no check ran: curves are not drawn through them. */
  gaps: readonly Span[];
}

export interface ChartWords {
  title: string;
  /** Says in words what the chart shows. */
  summary: string;
}

export interface LineChart extends ChartWords {
  curves: readonly Curve[];
  /** Values that have a meaning, as lines across the chart. */
  limits: readonly { value: number; label: string }[];
  /** Behind each number of the axis. */
  unit: string;
  /** The highest number of the axis; without it, the highest value. */
  top?: number;
}

/** Rows of spans: which state there was when. */
export interface StateChart extends ChartWords {
  /** From top to bottom. */
  rows: readonly { name: string; className: string; spans: readonly Span[] }[];
}

/** Units of the drawing. The page scales it to the width that it has. */
const WIDTH = 440;
const HEIGHT = 180;
const ROW_HEIGHT = 26;
const MARGINS = { marginTop: 14, marginRight: 40, marginBottom: 38, marginLeft: 62 };
const TICKS = 4;
/** A single moment has no width; this much around it is shown. */
const SHORTEST_MS = 4 * 60_000;
/** With four ticks, the library puts them at midnight from about here on. */
const DAYS_FROM_MS = 3 * 24 * 60 * 60_000;
/** Of the width: what is shorter would not show. */
const THINNEST_SHARE = 1 / 150;

export function lineChart({ curves, limits, unit, top, ...words }: LineChart, frame: Frame): string {
  const highest = Math.max(
    ...curves.flatMap(({ values }) => values.flatMap(({ value }) => value ?? [])),
    ...limits.map(({ value }) => value),
  );
  return figure(words, {
    height: HEIGHT,
    x: { type: "utc", domain: domainOf(frame) },
    y: { domain: [0, top ?? (highest || 1)], nice: top === undefined },
    marks: [
      ...shades(frame),
      gridY({ ticks: TICKS, className: "grid" }),
      axisY({
        ticks: TICKS,
        label: null,
        tickFormat: (value: number) => `${value.toLocaleString("en-US")}${unit}`,
      }),
      timeAxis(frame),
      ...limits.flatMap(({ value, label }) => [
        ruleY([value], { className: "limit" }),
        text([label], {
          y: [value],
          frameAnchor: "right",
          textAnchor: "end",
          dy: -7,
          className: "limit-label",
        }),
      ]),
      ...curves.flatMap((curve) => marksOf(curve, frame.gaps)),
    ],
  });
}

export function stateChart({ rows, ...words }: StateChart, frame: Frame): string {
  const names = rows.map(({ name }) => name);
  return figure(words, {
    height: MARGINS.marginTop + MARGINS.marginBottom + rows.length * ROW_HEIGHT,
    x: { type: "utc", domain: domainOf(frame) },
    y: { type: "band", domain: names, padding: 0.25 },
    marks: [
      ...shades({ ...frame, failed: [] }),
      axisY({ label: null, tickSize: 0 }),
      timeAxis(frame),
      ...rows.map(({ name, className, spans }) =>
        barX(
          spans.map((span) => ({ ...datesOf(span, frame), name })),
          { x1: "from", x2: "to", y: "name", className: `bar ${className}` },
        ),
      ),
    ],
  });
}

/** What a DOM offers of an element, as far as it is used here. */
interface Drawn {
  readonly outerHTML: string;
  querySelectorAll(selector: string): Iterable<Drawn>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

function figure({ title, summary }: ChartWords, options: PlotOptions): string {
  const { document } = parseHTML("<html></html>");
  const svg = plot({ document, width: WIDTH, ...MARGINS, ...options }) as unknown as Drawn;
  // The page has one style sheet, and the chart one label: a screen reader reads the summary and not the marks.
  for (const style of svg.querySelectorAll("style")) style.remove();
  for (const marks of svg.querySelectorAll("g")) {
    marks.removeAttribute("aria-label");
    marks.setAttribute("aria-hidden", "true");
  }
  for (const name of ["width", "height", "font-size", "font-family"]) svg.removeAttribute(name);
  svg.setAttribute("class", "chart");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${title}. ${summary}`);
  return `<figure><figcaption><strong>${escapeMarkup(title)}</strong> ${escapeMarkup(summary)}</figcaption>
${svg.outerHTML}</figure>`;
}

function shades(frame: Frame): Markish[] {
  const shade = (spans: readonly Span[], className: string) =>
    spans.length === 0
      ? []
      : [
          rectX(
            spans.map((span) => datesOf(span, frame)),
            { x1: "from", x2: "to", className },
          ),
        ];
  return [...shade(frame.failed, "failed-span"), ...shade(frame.gaps, "gap-span")];
}

/** A line with holes where values are missing, and dots where a value has no neighbour to draw a line to. */
function marksOf({ className, values }: Curve, gaps: readonly Span[]): Markish[] {
  const drawn = withHoles(values, gaps);
  const alone = drawn.filter(
    ({ value }, index) =>
      value !== undefined && drawn[index - 1]?.value === undefined && drawn[index + 1]?.value === undefined,
  );
  const points = (all: readonly Value[]) => all.map(({ at, value }) => ({ at: new Date(at), value }));
  return [
    line(points(drawn), { x: "at", y: "value", className }),
    ...(alone.length === 0
      ? []
      : [dot(points(alone), { x: "at", y: "value", r: 3, className: className.replace("curve", "dot") })]),
  ];
}

function withHoles(values: readonly Value[], gaps: readonly Span[]): Value[] {
  const begins = new Set(gaps.map(({ to }) => to));
  return values.flatMap((each) => (begins.has(each.at) ? [{ at: each.at }, each] : [each]));
}

/** Days where the ticks are days, else times; the year or the day stands below the first tick of each. */
function timeAxis(frame: Span): Markish {
  const showsDays = Date.parse(frame.to) - Date.parse(frame.from) > DAYS_FROM_MS;
  let above = "";
  return axisX({
    ticks: TICKS,
    label: null,
    tickFormat: (date: Date) => {
      const text = date.toISOString();
      const [own, below] = showsDays
        ? [text.slice(5, 10), text.slice(0, 4)]
        : [text.slice(11, 16), text.slice(0, 10)];
      const isNew = below !== above;
      above = below;
      return isNew ? `${own}\n${below}` : own;
    },
  });
}

function domainOf({ from, to }: Span): [Date, Date] {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const missing = Math.max(0, SHORTEST_MS - (end - start)) / 2;
  return [new Date(start - missing), new Date(end + missing)];
}

/** As dates inside the frame, and wide enough to be seen. */
function datesOf(span: Span, frame: Span): { from: Date; to: Date } {
  const [start, end] = domainOf(frame).map(Number) as [number, number];
  const thinnest = (end - start) * THINNEST_SHARE;
  const from = Math.min(Math.max(Date.parse(span.from), start), end - thinnest);
  const to = Math.min(Math.max(Date.parse(span.to), from + thinnest), end);
  return { from: new Date(from), to: new Date(to) };
}
