/**
 * The ways to write a text. Encodings mix (JSON in a URL, half of a text escaped), so each character is looked for in
 * all of its spellings. Every repetition ends somewhere: whoever wrote the text must not be able to keep us looking.
 */

/** A regular expression for each character in turn. */
export type Pattern = readonly string[];

/** Whether a text may hold characters that are written in another way than as they are. */
export const ESCAPES = /\\|&#?\w|%[0-9a-f]{2}|\+/i;

/** As it is, in hexadecimal and in base64, which keeps nothing of its characters. */
export function plainly(text: string): Pattern[] {
  return [
    Array.from(text, RegExp.escape),
    ...inHex(text),
    ...inBase64(text, (digit) => RegExp.escape(digit)),
  ];
}

/** The same with each character in all of its spellings. */
export function escaped(text: string): Pattern[] {
  return [Array.from(text, spelled), ...inBase64(text, spelled)];
}

function inHex(text: string): Pattern[] {
  const digits = Buffer.from(text).toString("hex");
  return digits.length < ENOUGH.hex ? [] : [Array.from(digits, eitherCase)];
}

/** Characters below which an encoding is found where something only looks like it: `x` is 78 in hexadecimal. */
const ENOUGH = { hex: 8, base64: 4, base64Within: 6 };
/** Of the usual alphabet and of the one for URLs. */
const TWINS: Readonly<Record<string, string>> = { "+": "-", "/": "_" };

/** Alone, and as a part of something longer, as in `user:password`: then it begins at any of three places. */
function inBase64(text: string, write: (digit: string) => string): Pattern[] {
  const bytes = Buffer.from(text);
  const digit = (one: string) => {
    const twin = TWINS[one];
    return twin === undefined ? write(one) : `(?:${write(one)}|${write(twin)})`;
  };
  const alone = bytes.toString("base64").replace(/=+$/, "");
  const within = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    // A digit stands for six bits: those that share one with a neighbour are not of the text alone.
    const [first, end] = [Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6)];
    return whole.toString("base64").slice(first, end);
  });
  return [
    ...(alone.length < ENOUGH.base64 ? [] : [[...Array.from(alone, digit), `(?:${write("=")}){0,2}`]]),
    ...within.filter((part) => part.length >= ENOUGH.base64Within).map((part) => Array.from(part, digit)),
  ];
}

/** What markup has names for. */
const NAMES: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};
/** What JSON has letters for. */
const LETTERS: Readonly<Record<string, string>> = { "\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f" };

/** As it is, behind backslashes, percent-encoded, in JSON's numbers and in markup's; each also encoded twice. */
function spelled(character: string): string {
  const percent = [...Buffer.from(character)].map((byte) => `%(?:25){0,3}${hex(byte, 2)}`).join("");
  const units = Array.from({ length: character.length }, (_, at) => hex(character.charCodeAt(at), 4));
  const code = character.codePointAt(0) ?? 0;
  const entity = [`#0{0,6}${code}`, `#[xX]0{0,6}${hex(code, 1)}`, NAMES[character]].filter(Boolean);
  const letter = LETTERS[character];
  const ways = [
    // As few as will do: those behind it may belong to the next character.
    `\\\\{0,8}?${RegExp.escape(character)}`,
    percent,
    units.map((unit) => `\\\\{1,8}u${unit}`).join(""),
    `&(?:amp;){0,3}(?:${entity.join("|")});`,
    ...(letter === undefined ? [] : [`\\\\{1,8}${letter}`]),
    ...(character === " " ? ["\\+"] : []),
  ];
  return `(?:${ways.join("|")})`;
}

function hex(value: number, digits: number): string {
  return eitherCase(value.toString(16).padStart(digits, "0"));
}

function eitherCase(letters: string): string {
  return letters.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
