/** Commands that our messages ask users to type: data, so that no reader of ours parses prose. */

/** One line for a POSIX shell, to be typed in the project's root. */
export interface Command {
  readonly words: readonly Word[];
  /** The stack whose passphrase Pulumi asks for; absent where none is needed. */
  readonly passphraseOf?: string;
}

/** A word as it is, what another command prints with text right after that, or text for the shell itself. */
export type Word =
  | string
  | { readonly outputOf: Command; readonly after?: string }
  | { readonly shell: string };

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

/** `setConfig("prod", "plan", "azure-c1")`. Without --path Pulumi takes dots and brackets for a part of the name. */
export function setConfig(stack: string, key: string, value: string): Command {
  return pulumi(stack, "config", "set", ...pathWords(key), value);
}

/** `removeConfig("prod", "azure.adopt")`. */
export function removeConfig(stack: string, key: string): Command {
  return pulumi(stack, "config", "rm", ...pathWords(key));
}

function pathWords(key: string): string[] {
  return /[.[]/.test(key) ? ["--path", key] : [key];
}

/** The command with this value of an option, in place of the one that was typed. */
export function withOption(command: Command, option: string, value: string): Command {
  const isOption = (word: Word | undefined) => word === option;
  const words = command.words.filter(
    (word, at) =>
      !isOption(word) &&
      !isOption(command.words[at - 1]) &&
      !(typeof word === "string" && word.startsWith(`${option}=`)),
  );
  return { ...command, words: [...words, option, value] };
}

/** The command that deploys a stack: `deploy("dev")`, `deploy("prod")`. */
export function deploy(stack: string): Command {
  return isLocalStack(stack) ? propiq("dev") : pulumi(stack, "up");
}

/** Asks for the passphrase without showing it, and hands it to the commands that follow. */
export const ENTER_PASSPHRASE: Command = shell(
  "read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE",
);

/** Gives a command a secret on standard input, so that no list of processes shows it. */
export function withInput(variable: string, command: Command): Command {
  return { ...command, words: [{ shell: `echo "$${variable}" |` }, ...command.words] };
}

/** A line that the shell reads as it is: `shell("curl -fsSL https://get.pulumi.com | sh")`. */
export function shell(line: string): Command {
  return { words: [{ shell: line }] };
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
  if ("shell" in word) return word.shell;
  const { outputOf, after = "" } = word;
  return `"$(${commandLine(outputOf)})${after}"`;
}

/** Placeholders such as NAME need no quotes. */
function quoted(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // Queries of az hold single quotes; double quotes keep them readable where a shell expands nothing between them.
  return word.includes("'") && !/["$`\\!]/.test(word) ? `"${word}"` : `'${word.replaceAll("'", `'\\''`)}'`;
}
