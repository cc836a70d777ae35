/** The functions of a history as rows of a table: what the pages share. */
import { secondsInWords, shareInWords } from "../words.ts";
import { type FunctionTotals, lookUps } from "./totals.ts";

export const FUNCTION_COLUMNS = [
  "Function",
  "Share of hits",
  "Hit rate",
  "Loads",
  "Mean load",
  "Time saved",
] as const;

/** @returns cells in the order of `FUNCTION_COLUMNS` */
export function functionRows(totals: readonly FunctionTotals[]): string[][] {
  const hits = totals.reduce((sum, each) => sum + each.hits, 0);
  return totals.map((each) => [
    each.namespace,
    hits === 0 ? "–" : shareInWords(each.hits / hits),
    lookUps(each) === 0 ? "–" : shareInWords(each.hits / lookUps(each)),
    each.loads.toLocaleString("en-US"),
    each.loadMsMean === undefined ? "–" : secondsInWords(each.loadMsMean),
    secondsInWords(each.savedSeconds * 1000),
  ]);
}
