/** The results as a table for a terminal. */
import type { Figures, Result } from "./row.ts";
import { markOf } from "./verdict.ts";

const HEAD = ["", "against", "ours", "that", "ratio", "goal", "", "ours", "that"];

/** Memory as PSS, in MB; times in ms. What could not be measured is told below, with the way out. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
  return [...lines, ...results.flatMap(remark)].join("\n");
}

function cells(result: Result): string[] {
  const { name, against, goal, unit = "ms" } = result.row;
  const mark = markOf(result);
  if (!result.measured) return [name, against, "-", "-", "-", `${goal}`, mark, "-", "-"];
  const { ours, baseline, ratio } = result;
  const judged = mark === "met" ? "" : "MISSED";
  return [
    name,
    against,
    `${amount(ours.ms)} ${unit}`,
    `${amount(baseline.ms)} ${unit}`,
    ratio.toFixed(3),
    `${goal}`,
    judged,
    memory(ours),
    memory(baseline),
  ];
}

/** With decimals where it would else be one figure. */
function amount(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}

function memory({ memoryMb }: Figures): string {
  return memoryMb === undefined ? "-" : `${memoryMb.toFixed(0)} MB`;
}

function remark(result: Result): string[] {
  return result.measured ? [] : ["", `${result.row.name} could not be measured: ${result.why}`, result.hint];
}
