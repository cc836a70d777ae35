/** What a reader should do next: a sentence, and the commands to type. */
import { type Command, commandLine } from "./command.ts";

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

export function writeAdvice({ say, run = [] }: Advice): WrittenAdvice {
  const stack = run.find(({ passphraseOf }) => passphraseOf !== undefined)?.passphraseOf;
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
