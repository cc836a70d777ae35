/** How the tables of what clouds refuse are read (`azure/refusals.ts`, `upstash/refusals.ts`). Pure. */
import { type Advice, adviceText } from "../../base/advice.ts";
import { type Command, pulumi } from "../../base/command.ts";

/** What an error of a cloud means, and what to do. */
export interface Explanation {
  happened: string;
  next: Advice;
}

export interface Refusal<Code extends string> extends Explanation {
  /** Stable, for logs and tests. */
  code: Code;
}

/** Commands on the stack, as advice ends in them. */
export interface Commands {
  up: Command;
  /** `set("plan", "azure-c1")`; a key with dots is a path. */
  set(key: string, value: string): Command;
}

export interface Row<Context> {
  code: string;
  when: RegExp;
  /** @param found the match of `when` @param said the whole text, as it came: use only what a pattern finds */
  explain(context: Context & Commands, found: RegExpExecArray, said: string): Explanation;
}

/** The first row that matches. @returns undefined where none does: then the cloud's own words must do */
export function firstRefusal<Context extends { stack: string }, Code extends string>(
  rows: readonly (Row<Context> & { code: Code })[],
  said: string,
  context: Context,
): Refusal<Code> | undefined {
  const commands = commandsOn(context.stack);
  for (const { code, when, explain } of rows) {
    const found = when.exec(said);
    if (found !== null) return { code, ...explain({ ...context, ...commands }, found, said) };
  }
  return undefined;
}

export function commandsOn(stack: string): Commands {
  return {
    up: pulumi(stack, "up"),
    set: (key, value) => pulumi(stack, "config", "set", ...(key.includes(".") ? ["--path"] : []), key, value),
  };
}

export function explanationText({ happened, next }: Explanation): string {
  return `${happened}\n${adviceText(next)}`;
}
