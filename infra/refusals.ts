/** How the tables of what clouds refuse are read (`azure/refusals.ts`, `upstash/refusals.ts`). Pure. */

interface Words {
  happened: string;
  /** Ways on: words, and complete commands on lines of their own. */
  hint: string;
}

export interface Refusal<Code extends string> extends Words {
  /** Stable, for logs and tests. */
  code: Code;
}

/** Commands for the stack, as hints end in them. */
export interface Commands {
  up: string;
  /** @param change as in `plan azure-c1` */
  set(change: string): string;
}

export interface Row<Context> {
  code: string;
  when: RegExp;
  /** @param found the match of `when` @param said the whole text, as it came: take only what a pattern finds */
  explain(context: Context & Commands, found: RegExpExecArray, said: string): Words;
}

/** The first row that matches, in words. @returns nothing where none does; then the cloud's own words must do */
export function firstRefusal<Context extends { stack: string }, Code extends string>(
  rows: readonly (Row<Context> & { code: Code })[],
  said: string,
  context: Context,
): Refusal<Code> | undefined {
  const { stack } = context;
  const commands: Commands = {
    up: `./propiq-cache pulumi up --stack ${stack}`,
    set: (change) => `./propiq-cache pulumi config set ${change} --stack ${stack}`,
  };
  for (const { code, when, explain } of rows) {
    const found = when.exec(said);
    if (found !== null) return { code, ...explain({ ...context, ...commands }, found, said) };
  }
  return undefined;
}
