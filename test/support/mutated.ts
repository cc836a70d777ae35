/** Values and texts as a hand, a cut-off write or an attacker changes them. The same for the same numbers. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

const VALUES: readonly Json[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    0.5,
    1e300,
    "",
    " ",
    "x",
    "true",
    "\u0000",
    "../..",
    "https://evil.example/x",
  ],
  ...["##vso[task.complete]", "\n::error::x", "__proto__", "a".repeat(10_000), "urn:pulumi:a::b", "\ud800"],
  ...[[], {}, [null], [[[]]], { "": "" }, { constructor: null }, { a: { b: [1, "2", null] } }],
];

/** One to three changes: a value becomes another one, or a key is added, renamed or removed. */
export function mutated(value: Json, random: () => number): Json {
  let changed = value;
  const count = 1 + Math.floor(random() * 3);
  for (let step = 0; step < count; step++) changed = changedOnce(changed, random);
  return changed;
}

function changedOnce(value: Json, random: () => number): Json {
  const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const other = () => pick(VALUES) ?? null;
  if (Array.isArray(value)) return random() < 0.5 ? [...value, other()] : value.slice(1);
  if (typeof value !== "object" || value === null) return other();
  const key = pick(Object.keys(value));
  if (key === undefined) return { x: other() };
  const { [key]: inner = null, ...rest } = value as { readonly [key: string]: Json };
  const chance = random();
  if (chance < 0.15) return rest;
  if (chance < 0.25) return { ...rest, [`${key}x`]: inner };
  if (chance < 0.35) return { ...value, strange: other() };
  const goesDown = typeof inner === "object" && inner !== null && random() < 0.7;
  return { ...rest, [key]: goesDown ? changedOnce(inner, random) : other() };
}

/** Cut off, with bytes changed, doubled, or not of this format at all. */
export function mutatedText(text: string, random: () => number): string {
  const at = Math.floor(random() * text.length);
  const kinds: readonly (() => string)[] = [
    () => text.slice(0, at),
    () => text.slice(at),
    () => text + text,
    () => `${text.slice(0, at)}${String.fromCharCode(Math.floor(random() * 256))}${text.slice(at + 1)}`,
    () => `${text.slice(0, at)}${text.slice(at + 1 + Math.floor(random() * 20))}`,
    () => "",
    () => "null",
    () => "[".repeat(100_000),
    () => `\ufeff${text}`,
    () => "\u0000".repeat(64),
    () => String(VALUES[at % VALUES.length]),
  ];
  return kinds[Math.floor(random() * kinds.length)]?.() ?? "";
}
