/** The functions of a history as rows of a table: what the pages share. */
import { memoryInWords, minutesInWords, secondsInWords, shareInWords } from "../words.ts";
import { type FunctionTotals, lookUps } from "./totals.ts";

export const FUNCTION_COLUMNS = [
  "Function",
  "Hits",
  "Hit rate",
  "Loads",
  "Mean load",
  "Time saved",
  "Memory",
] as const;

/** What is not known, or cannot be a share of nothing. */
const NONE = "–";

/** @returns cells in the order of `FUNCTION_COLUMNS`; hits, time saved and memory with their share of all functions */
export function functionRows(totals: readonly FunctionTotals[]): string[][] {
  const sum = (of: (each: FunctionTotals) => number | undefined): number =>
    totals.reduce((all, each) => all + (of(each) ?? 0), 0);
  const all = {
    hits: sum(({ hits }) => hits),
    savedSeconds: sum(({ savedSeconds }) => savedSeconds),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
  };
  return totals.map((each) => [
    each.namespace,
    withShare(each.hits.toLocaleString("en-US"), each.hits, all.hits),
    lookUps(each) === 0 ? NONE : shareInWords(each.hits / lookUps(each)),
    each.loads.toLocaleString("en-US"),
    each.loadMsMean === undefined ? NONE : secondsInWords(each.loadMsMean),
    withShare(savedInWords(each.savedSeconds), each.savedSeconds, all.savedSeconds),
    each.memoryBytes === undefined
      ? NONE
      : withShare(memoryInWords(each.memoryBytes), each.memoryBytes, all.memoryBytes),
  ]);
}

/** As in `2.1 MB (14.2%)`. */
function withShare(words: string, part: number, all: number): string {
  return all === 0 ? words : `${words} (${shareInWords(part / all)})`;
}

function savedInWords(seconds: number): string {
  return seconds < 600 ? secondsInWords(seconds * 1000) : minutesInWords(seconds * 1000);
}
