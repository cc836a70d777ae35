/** The text layout that all operations share. Pure. */
import { adviceLines } from "../base/advice.ts";
import { wrap } from "../check/render/wrap.ts";
import { MARKS, type Note } from "./result.ts";

/** Sections with an empty line between them; empty sections are left out. @returns ends with a line feed */
export function sections(...all: readonly (readonly string[])[]): string {
  return `${all
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** Commands and snippets: a reader pastes them, so their lines are never broken. */
export function pastedLines(text: string, indent: number): string[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => `${" ".repeat(indent)}${line}`);
}

/** A note with its advice. */
export function noteLines({ status, say, advice, snippet }: Note, columns: number, indent = 0): string[] {
  const [first = "", ...more] = say.split("\n").flatMap((line) => wrap(line, columns, indent + 2));
  const margin = " ".repeat(indent);
  return [
    `${margin}${MARKS[status]} ${first.trimStart()}`,
    ...more,
    ...(advice === undefined ? [] : adviceLines(advice)).map((line) => `${margin}    ${line}`),
    ...pastedLines(snippet ?? "", indent + 4),
  ];
}
