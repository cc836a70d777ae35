/** What a reader should do next: a sentence, and the commands to type. */
import { type Command, commandLine, ENTER_PASSPHRASE } from "./command.ts";

export interface Advice {
  /** One or two sentences, without commands. */
  readonly say: string;
  /** In the order in which they are typed. */
  readonly run?: readonly Command[];
}

/** An advice as text: for reports and renderers, which mark commands in their own way. */
export interface WrittenAdvice {
  /** Includes what the shell must hold before the commands run. May be empty. */
  say: string;
  /** Complete command lines, in the order in which they are typed. */
  run: string[];
}

/** `advice("The cache was deleted.", pulumi("prod", "up"))`. */
export function advice(say: string, ...run: readonly Command[]): Advice {
  return run.length === 0 ? { say } : { say, run };
}

/** Several pieces of advice as one: each sentence and each command once. */
export function together(given: readonly Advice[]): Advice {
  const says = new Set(given.map(({ say }) => say).filter((say) => say !== ""));
  const commands = given.flatMap(({ run = [] }) => run);
  const run = [...new Map(commands.map((command) => [commandLine(command), command])).values()];
  return advice([...says].join(" "), ...run);
}

/** The same advice with one more command at its end, unless it has that command already. */
export function followedBy({ say, run = [] }: Advice, last: Command): Advice {
  const isThere = run.some((command) => commandLine(command) === commandLine(last));
  return advice(say, ...run, ...(isThere ? [] : [last]));
}

export function writeAdvice({ say, run = [] }: Advice): WrittenAdvice {
  const asks = run.includes(ENTER_PASSPHRASE);
  const stack = asks ? undefined : run.find(({ passphraseOf }) => passphraseOf !== undefined)?.passphraseOf;
  const needs =
    stack === undefined ? "" : `Set PULUMI_CONFIG_PASSPHRASE to the passphrase of stack ${stack} first.`;
  return { say: [say, needs].filter((part) => part !== "").join(" "), run: run.map(commandLine) };
}

/** The lines of an advice in plain text: the sentences, then a line for each command. */
export function adviceLines(given: Advice): string[] {
  return writtenLines(writeAdvice(given));
}

export function writtenLines({ say, run }: WrittenAdvice): string[] {
  return [...(say === "" ? [] : [say]), ...run.map((command) => `Run: ${command}`)];
}

export function adviceText(given: Advice): string {
  return adviceLines(given).join("\n");
}

/** On one line, for formats that have one field for all of it. The commands come last and can be copied together. */
export function adviceSentence({ say, run }: WrittenAdvice): string {
  const commands = run.length === 0 ? "" : `Run: ${run.join(" && ")}`;
  return [say, commands].filter((part) => part !== "").join(" ");
}
