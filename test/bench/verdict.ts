/** What a run of the bench comes to. */
import type { Result } from "./row.ts";

export type Mark = "met" | "missed" | "not measured";

export function markOf(result: Result): Mark {
  if (!result.measured) return "not measured";
  return result.ratio <= result.row.goal ? "met" : "missed";
}

/**
 * The exit code: 1 where a goal is missed, else 2 where something could not be measured, else 0.
 * @param strict whether nothing is excused, as in a pipeline
 * @param smoke whether the figures are of no account: a goal cannot be missed
 */
export function exitCodeOf(results: readonly Result[], strict: boolean, smoke = false): 0 | 1 | 2 {
  if (!smoke && results.some((result) => markOf(result) === "missed")) return 1;
  return results.some((result) => !result.measured && (strict || !result.excusable)) ? 2 : 0;
}
