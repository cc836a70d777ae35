/** `KEY=VALUE` and `KEY` of `config set` and `config rm` as changes of a config. Pure. */
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { ConfigChange } from "../stacks/config-edit.ts";

type Path = ConfigChange["path"];

export interface Assignments {
  changes: readonly ConfigChange[];
  /** The top-level key whose value comes from standard input. */
  secretKey?: string;
}

/** @param words such as `plan=azure-c0`, `standby[0]=upstash-free`, `url=-` */
export function assignmentsIn(words: readonly string[]): Assignments {
  const parsed = words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw refusal(`${shown(word)} is not KEY=VALUE.`);
    return { path: pathIn(word.slice(0, at)), text: word.slice(at + 1) };
  });
  const secrets = parsed.filter(({ text }) => text === "-");
  const [secret, ...more] = secrets;
  if (more.length > 0) throw refusal("Only one value can come from standard input.");
  if (secret !== undefined && secret.path.length > 1)
    throw refusal("Only a top-level key, such as url, can be a secret.");
  const changes = parsed
    .filter(({ text }) => text !== "-")
    .map(({ path, text }) => ({ path, value: typedValue(text) }));
  return { changes, ...(secret === undefined ? {} : { secretKey: secret.path[0] }) };
}

/** @param words such as `colour`, `azure.adopt` */
export function removalsIn(words: readonly string[]): ConfigChange[] {
  return words.map((word) => ({ path: pathIn(word) }));
}

/** As users write it: `standby[0]`. */
export function pathInWords([top, ...below]: Path): string {
  return top + below.map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`)).join("");
}

function pathIn(text: string): Path {
  const bare = text.replace(/^propiq-cache:/, "");
  if (!/^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*|\[\d{1,3}\])*$/.test(bare))
    throw refusal(`${shown(text)} is not a key. Keys look like plan, azure.location or standby[0].`);
  const [top = "", ...below] = [...bare.matchAll(/([A-Za-z][\w-]*)|\[(\d+)\]/g)].map(
    ([, name, index]) => name ?? Number(index),
  );
  return [String(top), ...below];
}

/** With the type that it would have in the file. Numbers in another notation stay texts, and are refused as such. */
function typedValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  if (/^-?\d{1,15}(\.\d{1,6})?$/.test(text) && String(Number(text)) === text) return Number(text);
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refusal(`${shown(text)} begins like JSON and is not valid JSON.`);
  }
}

/** What could be a password is not repeated. */
function shown(word: string): string {
  return /^[\w.[\]=:-]{1,60}$/.test(word) ? word : "An argument";
}

function refusal(message: string): PropiqError {
  return new PropiqError(message, {
    code: "USAGE",
    next: advice("See the examples.", propiq("config", "--help")),
  });
}
