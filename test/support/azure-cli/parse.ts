/** The words of one `az` command, held to what the real one's own parser takes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Argument {
  aliases?: readonly string[];
  /** As argparse counts: one, any (`*`), one or more (`+`), one or none (`?`); absent for a flag. */
  values?: 1 | "*" | "+" | "?";
  required?: boolean;
  /** Unless `--ids` is there. */
  requiredWithoutIds?: boolean;
  choices?: readonly string[];
}
type Arguments = Readonly<Record<string, Argument>>;

const FILE = join(import.meta.dirname, "commands.json");
export const COMMANDS = (JSON.parse(readFileSync(FILE, "utf8")) as { commands: Record<string, Arguments> })
  .commands;

const GLOBAL: Arguments = {
  "--output": {
    aliases: ["-o"],
    values: 1,
    choices: ["json", "jsonc", "none", "table", "tsv", "yaml", "yamlc"],
  },
  "--query": { values: 1 },
  "--subscription": { values: 1 },
  "--only-show-errors": {},
};

export interface AzCall {
  command: string;
  /** Of an argument by its first name; undefined where it was not given. */
  value(name: string): string | undefined;
  values(name: string): readonly string[];
  has(name: string): boolean;
}

/** What `az` would not take: its words, and 2 as its exit code. */
export class AzUsage extends Error {}

export function parseAz(words: readonly string[]): AzCall {
  const count = words.findIndex((word) => word.startsWith("-"));
  const path = count < 0 ? words : words.slice(0, count);
  const command = path.join(" ");
  const own = COMMANDS[command];
  if (own === undefined) throw new AzUsage(`'${command}' is misspelled or not recognized by the system.`);
  const known: Arguments = { ...GLOBAL, ...own };
  const given = new Map<string, string[]>();
  for (const { name, values } of grouped(words.slice(path.length), known)) {
    checkValues(name, known[name] ?? {}, values);
    given.set(name, values);
  }
  const missing = Object.entries(known)
    .filter(([, { required, requiredWithoutIds }]) => required || (requiredWithoutIds && !given.has("--ids")))
    .filter(([name]) => !given.has(name))
    .map(([name, { aliases = [] }]) => [name, ...aliases].join("/"));
  if (missing.length > 0) throw new AzUsage(`the following arguments are required: ${missing.join(", ")}`);
  const values = (name: string) => {
    if (known[name] === undefined) throw new Error(`az ${command} has no ${name}`);
    return given.get(name) ?? [];
  };
  return { command, values, value: (name) => values(name)[0], has: (name) => given.has(name) };
}

/** Each option with what follows it, under its first name. */
function grouped(words: readonly string[], known: Arguments): { name: string; values: string[] }[] {
  const found: { name: string; values: string[] }[] = [];
  const byAlias = new Map(
    Object.entries(known).flatMap(([name, { aliases = [] }]) =>
      [name, ...aliases].map((each) => [each, name]),
    ),
  );
  for (const word of words) {
    const [, option = "", value] = /^(--?[A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? [];
    const name = byAlias.get(option);
    if (option !== "" && name === undefined) throw new AzUsage(`unrecognized arguments: ${word}`);
    if (name !== undefined) found.push({ name, values: value === undefined ? [] : [value] });
    else if (found.length === 0) throw new AzUsage(`unrecognized arguments: ${word}`);
    else found.at(-1)?.values.push(word);
  }
  return found;
}

const FEWEST_AND_MOST = {
  1: [1, 1],
  "?": [0, 1],
  "+": [1, Number.POSITIVE_INFINITY],
  "*": [0, Number.POSITIVE_INFINITY],
  none: [0, 0],
} as const;

function checkValues(
  name: string,
  { values = "none" as never, choices }: Argument,
  given: readonly string[],
): void {
  const [fewest, most] = FEWEST_AND_MOST[values as keyof typeof FEWEST_AND_MOST];
  if (given.length < fewest)
    throw new AzUsage(
      `argument ${name}: expected ${fewest === most ? "one argument" : "at least one argument"}`,
    );
  if (given.length > most) throw new AzUsage(`unrecognized arguments: ${given.slice(most).join(" ")}`);
  for (const value of given)
    if (choices && !choices.some((choice) => choice.toLowerCase() === value.toLowerCase()))
      throw new AzUsage(
        `'${value}' is not a valid value for '${name}'. Allowed values: ${choices.join(", ")}.`,
      );
}
