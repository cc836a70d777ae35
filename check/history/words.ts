/** A history in words: what its pages share. */
import { counted } from "../../base/counted.ts";
import { latencyInWords, memoryInWords, shareInWords, timeInWords } from "../words.ts";
import type { CacheHistory, VerdictChange } from "./page.ts";
import type { Trend } from "./trends.ts";

const FIGURES: Readonly<Record<Trend["figure"], { title: string; inWords: (value: number) => string }>> = {
  latency: { title: "Latency (p50)", inWords: latencyInWords },
  memory: { title: "Memory", inWords: memoryInWords },
  "hit-rate": { title: "Hit rate", inWords: shareInWords },
};

/** As in `Memory rising: 12 MB → 48 MB`. */
export function trendInWords({ figure, before, after, direction }: Trend): string {
  const { title, inWords } = FIGURES[figure];
  return direction === "steady"
    ? `${title} steady: ${inWords(after)}`
    : `${title} ${direction}: ${inWords(before)} → ${inWords(after)}`;
}

/** As in `21:05 UTC: healthy → failed (AUTH_WRONG)`. @param now ISO 8601 */
export function changeInWords({ at, from, to, codes }: VerdictChange, now: string): string {
  return `${timeInWords(at, now)}: ${from} → ${to}${codes.length === 0 ? "" : ` (${codes.join(", ")})`}`;
}

/** As in `312 runs from … to …: 300 healthy, 12 failed (96.1% healthy)`. @param now ISO 8601 */
export function runsInWords({ runs, from, to, verdicts }: CacheHistory, now: string): string {
  const asked = runs - verdicts.disabled;
  const counts = Object.entries(verdicts).flatMap(([verdict, count]) =>
    count === 0 ? [] : `${count} ${verdict}`,
  );
  const share = asked === 0 ? "" : ` (${shareInWords(verdicts.healthy / asked)} healthy)`;
  const span = runs === 1 ? timeInWords(to, now) : `${timeInWords(from, now)} to ${timeInWords(to, now)}`;
  return `${counted(runs, "run")}, ${span}: ${counts.join(", ")}${share}`;
}

/** What could not be read, or nothing. */
export function skippedInWords(skippedLines: number): string | undefined {
  if (skippedLines === 0) return undefined;
  return `${counted(skippedLines, "line")} of the history could not be used: torn, strange, or longer than 64 KB.`;
}
