/** Takes secrets out of a text, in every form in which a server or a format may hand them on. */
import { ESCAPES, escaped, type Pattern, plainly } from "./spellings.ts";

/** From and up to where a secret stands. */
type Range = readonly [start: number, end: number];
type Finder = (text: string) => Range[];

/** Characters of a text that are looked at: a server may send a megabyte, and a report shows some hundred of it. */
const LOOKED_AT = 20_000;
/** Characters that the longest way to write a character takes. */
const WIDEST = 30;

/**
 * @param secrets empty ones are ignored
 * @returns takes them out; of a text of more than 20,000 characters it keeps only the beginning
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const wanted = [...new Set(secrets)].filter((secret) => secret !== "");
  if (wanted.length === 0) return (text) => text;
  const longest = Math.max(...wanted.map((secret) => secret.length));
  const finders = wanted.flatMap(plainly).map(finderOf);
  let escapedFinders: Finder[] | undefined;
  // Seldom needed, and no quick work.
  const forEscapes = () => {
    escapedFinders ??= wanted.flatMap(escaped).map(finderOf);
    return escapedFinders;
  };
  return (text) => {
    const looked = text.slice(0, LOOKED_AT);
    // A secret that begins in what is kept must have its end in what was looked at.
    const kept = looked === text ? text.length : Math.max(0, LOOKED_AT - longest * WIDEST);
    const asked = ESCAPES.test(looked) ? [...finders, ...forEscapes()] : finders;
    const ranges = asked.flatMap((find) => find(looked));
    return without(text.slice(0, kept), ranges) + (kept < text.length ? "…" : "");
  };
}

/** What parts of a text hold a secret; those that touch are one. */
function without(text: string, ranges: readonly Range[]): string {
  let [clean, at, last] = ["", 0, -1];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    if (start >= text.length) break;
    if (start > last) clean += `${text.slice(at, start)}[secret]`;
    last = Math.max(last, end);
    at = last;
  }
  return clean + text.slice(at);
}

/** Characters in one regular expression: few in the first, which mostly finds nothing, and no thousands in any. */
const [FIRST_PIECE, PIECE] = [8, 64];

function finderOf(pattern: Pattern): Finder {
  const pieces = [new RegExp(pattern.slice(0, FIRST_PIECE).join(""), "gu")];
  for (let at = FIRST_PIECE; at < pattern.length; at += PIECE)
    pieces.push(new RegExp(pattern.slice(at, at + PIECE).join(""), "yu"));
  return (text) => {
    const found: Range[] = [];
    let from = 0;
    // The padding of base64 may be missing, the rest of a pattern takes at least its length.
    while (text.length - from >= pattern.length - 1) {
      const range = next(pieces, text, from);
      if (range === undefined) break;
      const [start, end] = range;
      if (end > start) found.push(range);
      from = Math.max(end, start + 1);
    }
    return found;
  };
}

/** @returns an empty range where it only begins like the pattern */
function next([first, ...rest]: readonly RegExp[], text: string, from: number): Range | undefined {
  if (first === undefined) return undefined;
  first.lastIndex = from;
  const start = first.exec(text)?.index;
  if (start === undefined) return undefined;
  let end = first.lastIndex;
  for (const piece of rest) {
    piece.lastIndex = end;
    if (!piece.test(text)) return [start, start];
    end = piece.lastIndex;
  }
  return [start, end];
}
