/** Spans in which no check ran although one was due: a schedule that was delayed, dropped or disabled. Pure. */
import { minutesInWords, timeInWords } from "../words.ts";

export interface Gap {
  /** The runs before and after it: ISO 8601, UTC. */
  from: string;
  to: string;
}

/** Fewer intervals than this say nothing about the rhythm. */
const FEWEST = 4;
/** A gap is longer than this many intervals. */
const MOST_INTERVALS = 2;
/** People who check by hand have no rhythm: what is shorter is not a gap. */
const SHORTEST_MS = 10 * 60_000;
const SHOWN = 20;

/** @param times of the runs, in their order: ISO 8601, UTC @returns the latest first */
export function gapsOf(times: readonly string[]): Gap[] {
  const spans = times
    .slice(1)
    .map((to, index) => ({ from: times[index] ?? to, to }))
    .map((gap) => ({ gap, ms: Date.parse(gap.to) - Date.parse(gap.from) }));
  if (spans.length < FEWEST) return [];
  const interval = spans.map(({ ms }) => ms).toSorted((a, b) => a - b)[Math.floor(spans.length / 2)] ?? 0;
  const limit = Math.max(interval * MOST_INTERVALS, SHORTEST_MS);
  return spans
    .filter(({ ms }) => ms > limit)
    .map(({ gap }) => gap)
    .toReversed()
    .slice(0, SHOWN);
}

/** As in `No check ran for 5 h 12 min, from 02:23 UTC to 07:35 UTC`. @param now ISO 8601 */
export function gapInWords({ from, to }: Gap, now: string): string {
  return `No check ran for ${lengthInWords(from, to)}, from ${timeInWords(from, now)} to ${timeInWords(to, now)}`;
}

/** As in `5 h 12 min`. */
export function lengthInWords(from: string, to: string): string {
  return minutesInWords(Date.parse(to) - Date.parse(from));
}
