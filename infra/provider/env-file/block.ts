/**
 * The block of settings at the end of an env file: put in, read, taken out again, byte for byte. Text only.
 *
 * The last line for a key counts in every reader of env files, so the block wins while it is there and the user's
 * own lines stay as they are. Its first line records what putting it in changed beside the block itself.
 *
 * File texts are Latin-1 strings, one character a byte, so that files of any encoding survive; names and values are
 * ordinary strings, written as UTF-8.
 */

import { parseEnv } from "node:util";
import { advice } from "../../../base/advice.ts";
import { PropiqError } from "../../../base/errors.ts";
import { parseRedisUrl } from "../../contract/redis-url.ts";
import { SETTING_NAMES } from "../../contract/table.ts";

/** Names and values of the settings. */
export type Entries = Readonly<Record<string, string>>;

export interface Block {
  /** Whose block it is: the stack that wrote it. */
  owner: string;
  entries: Entries;
}

/** What putting the block in did to the file beside it. */
type Origin = "new-file" | "added-newline" | "nothing-else";

const START = /^# >>> propiq-cache \(stack ([^)]*)\) (new-file|added-newline|nothing-else) >>>[^\r\n]*$/;
const END = "# <<< propiq-cache <<<";
const REMARK = "written by propiq-cache: what stands in between is overwritten";

interface Parts {
  before: string;
  block?: { owner: string; origin: Origin; body: string };
  after: string;
}

/** The file with the block of this owner, at its end or where a block already stood. */
export function withBlock(text: string | undefined, block: Block): string {
  const { before, block: old, after } = split(text ?? "");
  const eol = text?.includes("\r\n") ? "\r\n" : "\n";
  // A user's own lines that got between the marks are kept behind the block.
  const behind = (old === undefined ? "" : strayLines(old.body)) + after;
  // The last line for a key counts: where a later one would win, the block moves behind it.
  const overruled = Object.keys(entriesOf(behind)).some((key) => Object.hasOwn(block.entries, key));
  const [above, below] = overruled ? [before + behind, ""] : [before, behind];
  const needsNewline = above !== "" && !above.endsWith("\n");
  const fresh: Origin = needsNewline ? "added-newline" : "nothing-else";
  const isNew = text === undefined || (old?.origin === "new-file" && !needsNewline);
  const origin = isNew ? "new-file" : old === undefined || overruled ? fresh : old.origin;
  const lines = [
    `# >>> propiq-cache (stack ${block.owner}) ${origin} >>> ${REMARK}`,
    ...Object.entries(block.entries).map(([key, value]) =>
      Buffer.from(lineOf(key, value, block.entries)).toString("latin1"),
    ),
    ...masked(above + below, block.entries).map((key) => `${key}=`),
    END,
  ];
  return `${above}${needsNewline ? eol : ""}${lines.map((line) => line + eol).join("")}${below}`;
}

/** The file without the block; nothing where the block was all that the file was made for. */
export function withoutBlock(text: string): string | undefined {
  const { before, block, after } = split(text);
  if (block === undefined) return text;
  const rest = strayLines(block.body) + after;
  if (rest === "" && before === "" && block.origin === "new-file") return undefined;
  // The newline that we added is removed with the block, unless lines have been written behind it since.
  return rest === "" ? withoutOwnNewline(before, block.origin) : before + rest;
}

function withoutOwnNewline(before: string, origin: Origin | undefined): string {
  return origin === "added-newline" ? before.replace(/\r?\n$/, "") : before;
}

/** The block that stands in a file, with the settings that its lines stand for. */
export function readBlock(text: string): Block | undefined {
  const { block } = split(text);
  return block && { owner: block.owner, entries: settingsOf(entriesOf(block.body)) };
}

function entriesOf(body: string): Entries {
  return parseEnv(Buffer.from(body, "latin1").toString("utf8")) as Entries;
}

function split(text: string): Parts {
  const lines = text.split(/(?<=\n)/);
  const bare = (line: string | undefined): string => (line ?? "").replace(/\r?\n$/, "");
  const start = lines.findIndex((line) => START.test(bare(line)));
  if (start < 0) return { before: text, after: "" };
  const length = lines.slice(start).findIndex((line) => bare(line) === END);
  const match = START.exec(bare(lines[start]));
  // Without its last line (cut off, or edited away) the block reaches as far as its settings do.
  const end = length < 0 ? start + 1 + ownedRun(lines.slice(start + 1)) : start + length;
  return {
    before: lines.slice(0, start).join(""),
    block: {
      owner: match?.[1] ?? "",
      origin: (match?.[2] ?? "nothing-else") as Origin,
      body: lines.slice(start + 1, end).join(""),
    },
    after: lines.slice(length < 0 ? end : end + 1).join(""),
  };
}

const OWNED_LINE = /^(REDIS_[A-Z]+|CACHE_TTL_[A-Z]+|CACHE_PREFIX|PROPIQ_CACHE_[A-Z]+)=/;

function ownedRun(lines: readonly string[]): number {
  const foreign = lines.findIndex((line) => !OWNED_LINE.test(line));
  return foreign < 0 ? lines.length : foreign;
}

/** Lines in the block that are not ours. */
function strayLines(body: string): string {
  const lines = body.split(/(?<=\n)/);
  return lines.filter((line) => line !== "" && !OWNED_LINE.test(line)).join("");
}

/** What no reader of env files takes for more than itself: a shell that sources the file, Docker, Node, dotenv, Python. */
const PLAIN = /^[\w./:@%?=+,[\]-]*$/;

/**
 * The line for a setting. No quotes mean the same to all readers (Docker's `--env-file` keeps them, a shell expands
 * inside some), so a value is written as it is. A password with other characters is left to REDIS_URL, which carries
 * it percent-encoded; the empty value keeps an older line of the user from counting.
 * @throws PropiqError for a value that cannot be written; it names the key alone
 */
function lineOf(key: string, value: string, entries: Entries): string {
  if (PLAIN.test(value)) return `${key}=${value}`;
  if (key === "REDIS_PASSWORD" && passwordIn(entries["REDIS_URL"]) === value) return `${key}=`;
  // JSON. A shell expands nothing between these quotes.
  if (key === "CACHE_TTL_FUNCTIONS" && !/['\\\r\n]/.test(value)) return `${key}='${value}'`;
  throw new PropiqError(`${key} has characters that cannot be written to an env file.`, {
    code: "ENV_FILE_INVALID",
    next: advice("Use only letters, digits and . / : @ % ? = + , - _ in this setting."),
  });
}

/** The settings that the lines of an env file stand for: empty means absent, and REDIS_URL carries the password. */
export function settingsOf(lines: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const ours = new Set<string>(SETTING_NAMES);
  const settings = Object.fromEntries(
    Object.entries(lines).flatMap(([key, value]) =>
      value === undefined || (value === "" && ours.has(key)) ? [] : [[key, value]],
    ),
  );
  const password = passwordIn(settings["REDIS_URL"]);
  return lines["REDIS_PASSWORD"] === "" && password !== undefined
    ? { ...settings, REDIS_PASSWORD: password }
    : settings;
}

function passwordIn(url: string | undefined): string | undefined {
  try {
    return url === undefined ? undefined : parseRedisUrl(url).password;
  } catch {
    return undefined;
  }
}

/** Settings that a user's own line sets and this cache does not have: an app would read them beside ours. */
function masked(userLines: string, entries: Entries): string[] {
  const own = entriesOf(userLines);
  return SETTING_NAMES.filter((name) => (own[name] ?? "") !== "" && !Object.hasOwn(entries, name));
}
