/** Charts as inline SVG: they stretch with the page, and all their words stand beside them as text. */
import type { Point } from "../../history/page.ts";
import type { Verdict } from "../../report.ts";
import { escapeMarkup } from "../escape.ts";

/** One curve: a value for each point, or none. */
export interface Curve {
  name: string;
  className: "curve" | "curve second" | "limit";
  valueAt: (point: Point) => number | undefined;
}

export interface ChartFacts {
  title: string;
  /** Says in words what the curves show. */
  summary: string;
  /** Text at both ends of the axis of time. */
  from: string;
  to: string;
  /** The value at the top; the bottom is zero. */
  top: number;
  topInWords: string;
}

/** Units of the drawing; the page stretches them. */
const WIDTH = 400;
const HEIGHT = 100;

/** How high a verdict's bar is: told apart without colours, too. */
const BAR_SHARE: Readonly<Record<Verdict, number>> = {
  disabled: 0.1,
  healthy: 0.3,
  degraded: 0.65,
  failed: 1,
};

export function lineChart(points: readonly Point[], curves: readonly Curve[], facts: ChartFacts): string {
  const xOf = timeScale(points);
  const paths = curves.map(({ className, valueAt }) => {
    const drawn = points.flatMap((point) => {
      const value = valueAt(point);
      return value === undefined ? [] : [`${xOf(point)} ${round(HEIGHT - (value / facts.top) * HEIGHT)}`];
    });
    // A curve of one point would not show.
    const [only] = drawn;
    return drawn.length === 1
      ? path(className.replace("curve", "dot"), `M${only}h0`)
      : path(className, drawn.length === 0 ? "" : `M${drawn.join("L")}`);
  });
  return figure(facts, paths.join(""));
}

/** A bar for each point, as high and as red as its worst verdict is bad. */
export function verdictChart(points: readonly Point[], facts: Omit<ChartFacts, "top">): string {
  const xOf = timeScale(points);
  const width = round(Math.max(2, WIDTH / 200));
  const bars = points.map((point) => {
    const height = round(BAR_SHARE[point.verdict] * HEIGHT);
    const x = round(Math.min(xOf(point), WIDTH - width));
    return `<rect class="bar ${point.verdict}" x="${x}" y="${round(HEIGHT - height)}" width="${width}" height="${height}"/>`;
  });
  return figure(facts, bars.join(""));
}

function figure({ title, summary, from, to, topInWords }: Omit<ChartFacts, "top">, drawing: string): string {
  const label = escapeMarkup(`${title}. ${summary}`);
  return `<figure><figcaption><strong>${escapeMarkup(title)}</strong> ${escapeMarkup(summary)}</figcaption>
<div class="axis"><span>${escapeMarkup(topInWords)}</span></div>
<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${drawing}</svg>
<div class="axis"><span>${escapeMarkup(from)}</span><span>${escapeMarkup(to)}</span></div></figure>`;
}

function path(className: string, commands: string): string {
  return `<path class="${className}" vector-effect="non-scaling-stroke" d="${commands}"/>`;
}

/** From the first point at the left to the last at the right. A single one stands in the middle. */
function timeScale(points: readonly Point[]): (point: Point) => number {
  const [first = 0, last = 0] = [points[0], points.at(-1)].map((point) => Date.parse(point?.at ?? ""));
  const span = last - first;
  return ({ at }) => (span > 0 ? round(((Date.parse(at) - first) / span) * WIDTH) : WIDTH / 2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
