/** The results as a Markdown table whose columns also line up in a terminal. */
import type { Figures, Result } from "./row.ts";
import { markOf } from "./verdict.ts";

const HEAD = [
  "what",
  "against",
  "rounds",
  "ours",
  "that",
  "ratio",
  "goal",
  "mark",
  "our memory",
  "its memory",
];
/** Columns of words; the others hold figures. */
const WORDS = 2;

/** Memory as PSS, in MB; times in ms. What could not be measured is listed below, with the reason. */
export function table(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const [head = "", ...lines] = rows.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column < WORDS ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(" | ")} |`;
  });
  const rules = widths.map((width, column) =>
    column < WORDS ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [head, `| ${rules.join(" | ")} |`, ...lines, ...results.flatMap(remark)].join("\n");
}

function cells(result: Result): string[] {
  const { name, against, goal, unit = "ms" } = result.row;
  const mark = markOf(result);
  if (!result.measured) return [name, against, "-", "-", "-", "-", `${goal}`, mark, "-", "-"];
  const { rounds, ours, baseline, ratio } = result;
  const judged = mark === "met" ? "" : "MISSED";
  return [
    name,
    against,
    `${rounds}`,
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
