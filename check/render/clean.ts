import { foreignText } from "../../base/safe-text.ts";

/** Characters that any one text of a report keeps: hints are the longest of them. */
const CAP = 1000;
/** Nothing behind this is looked at: cleaning 10 MB to keep 1000 characters would take its time. */
const LOOKED_AT = 20 * CAP;

/**
 * The same value, with every text in it fit to be shown: on one line, capped, without control characters, and
 * without what makes a pipeline obey. Renderers then only escape what has a meaning in their own format.
 */
export function cleaned<T>(value: T): T {
  return mapped(value) as T;
}

/** A text of several lines, such as commands and snippets: each line by itself, with the blanks that it begins with. */
export function cleanedLines(text: string): string {
  return text
    .split("\n")
    .map((line) => (/^ */.exec(line)?.[0] ?? "") + cleanText(line))
    .join("\n");
}

function mapped(value: unknown): unknown {
  if (typeof value === "string") return cleanText(value);
  if (Array.isArray(value)) return value.map(mapped);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapped(each)]));
}

function cleanText(text: string): string {
  return foreignText(text.slice(0, LOOKED_AT), (same) => same, CAP);
}
