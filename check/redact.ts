/** Takes secrets out of a text, in every form in which a server or a format may hand them on. */
import { type Layer, layersOf } from "./decoded.ts";

/** From and up to where a secret stands. */
type Range = readonly [start: number, end: number];

/** Characters of a text that are looked at: a server may send a megabyte, and a report shows some hundred of it. */
const LOOKED_AT = 20_000;
/** Characters that the longest way to write a character takes. */
const WIDEST = 30;
/** Characters below which an encoding is found where something only looks like it: `x` is 78 in hexadecimal. */
const ENOUGH = { hex: 8, base64: 4, base64Within: 6 };

/** The forms of a secret, as they stand in a layer of a text. */
interface Forms {
  /** In a text whose `+` was made a blank: a form writes blanks so. */
  readonly plain: readonly string[];
  readonly hex: readonly string[];
  readonly base64: readonly string[];
}

/**
 * @param secrets empty ones are ignored
 * @returns takes them out; of a text of more than 20,000 characters it keeps only the beginning
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const wanted = [...new Set(secrets)].filter((secret) => secret !== "");
  if (wanted.length === 0) return (text) => text;
  const longest = Math.max(...wanted.map((secret) => secret.length));
  const forms = wanted.map(formsOf);
  return (text) => {
    const looked = text.slice(0, LOOKED_AT);
    // A secret that begins in what is kept must have its end in what was looked at.
    const kept = looked === text ? text.length : Math.max(0, LOOKED_AT - longest * WIDEST);
    const ranges = layersOf(looked).flatMap((layer) => forms.flatMap((form) => found(layer, form)));
    return without(text.slice(0, kept), ranges) + (kept < text.length ? "…" : "");
  };
}

function formsOf(secret: string): Forms {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  return {
    // A secret may itself look escaped: decoding a text changes it, too.
    plain: [...new Set(layersOf(secret).map(({ text }) => withBlanks(text)))],
    hex: hex.length < ENOUGH.hex ? [] : [hex],
    base64: base64Of(bytes).map(inUsualAlphabet),
  };
}

/** Alone, and as a part of something longer, as in `user:password`: then it begins at any of three places. */
function base64Of(bytes: Buffer): string[] {
  const alone = bytes.toString("base64").replace(/=+$/, "");
  const within = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    // A digit stands for six bits: those that share one with a neighbour are not of the text alone.
    const [first, end] = [Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6)];
    return whole.toString("base64").slice(first, end);
  });
  return [
    ...(alone.length < ENOUGH.base64 ? [] : [alone]),
    ...within.filter((part) => part.length >= ENOUGH.base64Within),
  ];
}

function found(layer: Layer, { plain, hex, base64 }: Forms): Range[] {
  const digits = inUsualAlphabet(layer.text);
  return [
    ...plain.flatMap((form) => occurrences(withBlanks(layer.text), form)),
    ...hex.flatMap((form) => occurrences(inSmallLetters(layer.text), form)),
    ...base64.flatMap((form) => occurrences(digits, form).map((range) => withPadding(digits, range))),
  ].map(([start, end]) => [layer.from[start] ?? 0, layer.to[end - 1] ?? 0]);
}

/** Those that overlap are one. */
function occurrences(text: string, form: string): Range[] {
  const ranges: [number, number][] = [];
  for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
    const last = ranges.at(-1);
    if (last !== undefined && at <= last[1]) last[1] = at + form.length;
    else ranges.push([at, at + form.length]);
  }
  return ranges;
}

function withPadding(digits: string, [start, end]: Range): Range {
  let after = end;
  while (after < end + 2 && digits[after] === "=") after += 1;
  return [start, after];
}

/** Of ASCII alone: other letters may change their length. */
function inSmallLetters(text: string): string {
  return text.replace(/[A-F]+/g, (letters) => letters.toLowerCase());
}

function withBlanks(text: string): string {
  return text.replaceAll("+", " ");
}

/** From the alphabet for URLs. */
function inUsualAlphabet(text: string): string {
  return text.replaceAll("-", "+").replaceAll("_", "/");
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
