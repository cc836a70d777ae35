/** What a reader should do next: a sentence, and the commands to type. */
import { type Command, commandLine } from "./command.ts";

export interface Advice {
  /** One or two sentences, without commands. */
  readonly say: string;
  /** In the order in which they are typed. */
  readonly run?: readonly Command[];
}

/** `advice("The cache was deleted.", pulumi("prod", "up"))`. */
export function advice(say: string, ...run: readonly Command[]): Advice {
  return run.length === 0 ? { say } : { say, run };
}

/** The lines of an advice in plain text: the sentence, what the shell must hold, a line for each command. */
export function adviceLines({ say, run = [] }: Advice): string[] {
  const stack = run.find(({ passphraseOf }) => passphraseOf !== undefined)?.passphraseOf;
  return [
    ...(say === "" ? [] : [say]),
    ...(stack === undefined
      ? []
      : [`Set PULUMI_CONFIG_PASSPHRASE to the passphrase of stack ${stack} first.`]),
    ...run.map((command) => `Run: ${commandLine(command)}`),
  ];
}

export function adviceText(given: Advice): string {
  return adviceLines(given).join("\n");
}
