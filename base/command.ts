/** Commands that our messages tell people to type: data, so that no reader of ours parses prose. */

/** One line for a POSIX shell, to be typed in the project's root. */
export interface Command {
  readonly words: readonly Word[];
  /** The stack whose passphrase Pulumi asks for; absent where none is needed. */
  readonly passphraseOf?: string;
}

/** A word as it is, or what another command prints, and text right after that. */
export type Word = string | { readonly outputOf: Command; readonly after?: string };

/** The launcher in the project's root: typed in another folder it runs nothing foreign, unlike `npx propiq-cache`. */
const LAUNCHER = "./propiq-cache";
/** The local stacks: `dev` makes their cache, and their passphrase is kept on the machine. */
const LOCAL_STACKS: ReadonlySet<string> = new Set(["dev", "native"]);

export function isLocalStack(stack: string): boolean {
  return LOCAL_STACKS.has(stack);
}

/** `propiq("verify", "--stack", "prod")`. */
export function propiq(...words: readonly string[]): Command {
  return { words: [LAUNCHER, ...words] };
}

/** A command that reads the secrets of a stack: `onStack("prod", "verify", "--app")`. */
export function onStack(stack: string, ...words: readonly string[]): Command {
  const command = propiq(...words, "--stack", stack);
  return isLocalStack(stack) ? command : { ...command, passphraseOf: stack };
}

/** A command of Pulumi on a stack: `pulumi("prod", "up", "--refresh")`. */
export function pulumi(stack: string, ...words: readonly string[]): Command {
  return onStack(stack, "pulumi", ...words);
}

/** `setConfig("prod", "plan", "azure-c1")`. */
export function setConfig(stack: string, key: string, value: string): Command {
  return pulumi(stack, "config", "set", key, value);
}

/** A program of the machine: `program("az", "login")`. */
export function program(...words: readonly Word[]): Command {
  return { words };
}

/** The command as people type it. Words that a shell would read otherwise are quoted. */
export function commandLine({ words }: Command): string {
  return words.map(written).join(" ");
}

function written(word: Word): string {
  if (typeof word === "string") return quoted(word);
  const { outputOf, after = "" } = word;
  return `"$(${commandLine(outputOf)})${after}"`;
}

/** Placeholders such as NAME need no quotes. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // Queries of az hold single quotes; double quotes keep them readable where a shell expands nothing between them.
  return word.includes("'") && !/["$`\\!]/.test(word) ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
