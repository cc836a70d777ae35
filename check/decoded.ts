/**
 * A text with its escapes decoded, layer by layer, each character with its place in the text. Linear in the length of
 * the text: its author must not be able to keep the check busy.
 */

export interface Layer {
  readonly text: string;
  /** Where each UTF-16 unit of `text` begins and ends in the text as it came. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Encodings in encodings that are looked through: JSON in JSON in a URL is three. */
const MOST_LAYERS = 4;

/** The text as it came, then with one more layer decoded each, as long as that changes anything. */
export function layersOf(text: string): Layer[] {
  const from = Array.from({ length: text.length }, (_, at) => at);
  const layers: Layer[] = [{ text, from, to: from.map((at) => at + 1) }];
  while (layers.length <= MOST_LAYERS) {
    const last = layers.at(-1);
    const next = last && decoded(last);
    if (next === undefined) break;
    layers.push(next);
  }
  return layers;
}

/** What URLs, markup and JSON write instead of a character. Half of a text may be escaped, and each half differently. */
const ESCAPE =
  /(?<percent>(?:%[0-9a-f]{2})+)|&(?:#(?<decimal>\d{1,10})|#x(?<hex>[0-9a-f]{1,8})|(?<name>amp|lt|gt|quot|apos));|\\(?:u(?<unit>[0-9a-f]{4})|x(?<byte>[0-9a-f]{2})|(?<letter>[\s\S]))/gi;

const NAMES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const LETTERS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** @returns nothing where the text has no escapes */
function decoded({ text, from, to }: Layer): Layer | undefined {
  const result = { text: "", from: [] as number[], to: [] as number[] };
  const keep = (characters: string, first: number, end: number) => {
    result.text += characters;
    for (let unit = 0; unit < characters.length; unit += 1) {
      result.from.push(from[first] ?? 0);
      result.to.push(to[end - 1] ?? 0);
    }
  };
  const copy = (first: number, end: number) => {
    for (let at = first; at < end; at += 1) keep(text.charAt(at), at, at + 1);
  };
  let at = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const { percent, decimal, hex, name, unit, byte, letter } = match.groups ?? {};
    const [first, end] = [match.index, match.index + match[0].length];
    copy(at, first);
    at = end;
    if (percent !== undefined) {
      for (const { characters, bytes, offset } of utf8(percent))
        keep(characters, first + offset * 3, first + (offset + bytes) * 3);
    } else if (letter !== undefined) keep(LETTERS[letter] ?? letter, first, end);
    else if (name !== undefined) keep(NAMES[name.toLowerCase()] ?? "", first, end);
    else keep(characterOf(decimal, hex ?? unit ?? byte, unit !== undefined), first, end);
  }
  if (at === 0) return undefined;
  copy(at, text.length);
  return result;
}

function characterOf(decimal: string | undefined, hex: string | undefined, isUnit: boolean): string {
  const code = decimal === undefined ? Number.parseInt(hex ?? "0", 16) : Number(decimal);
  if (isUnit) return String.fromCharCode(code);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}

/** The characters of percent-encoded bytes. @returns for each its first byte and their number */
function utf8(percent: string): { characters: string; bytes: number; offset: number }[] {
  const all = Buffer.from(percent.replaceAll("%", ""), "hex");
  const found: { characters: string; bytes: number; offset: number }[] = [];
  for (let offset = 0; offset < all.length; ) {
    const first = all[offset] ?? 0;
    const bytes = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    const characters = all.toString("utf8", offset, offset + bytes);
    const isWhole = !characters.includes("\ufffd");
    found.push({ characters: isWhole ? characters : "\ufffd", bytes: isWhole ? bytes : 1, offset });
    offset += isWhole ? bytes : 1;
  }
  return found;
}
