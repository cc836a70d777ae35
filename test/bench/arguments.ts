/** The words after `npm run bench --`. */
import { parseArgs } from "node:util";
import { PropiqError } from "../../base/errors.ts";

export interface BenchOptions {
  /** Of every row; each has its own number when absent. */
  rounds?: number;
  /** Rows whose name and baseline match; all where absent. */
  only?: RegExp;
  /** Where to write the figures too. */
  json?: string;
  /** Runs every row once, to see that it runs: no figure is judged. */
  smoke?: true;
}

/** @throws PropiqError for words that it does not know */
export function benchOptions(words: readonly string[]): BenchOptions {
  const values = parse(words);
  const rounds = values.rounds ?? "1";
  if (!/^\d+$/.test(rounds) || Number(rounds) < 1) throw usage("--rounds wants a whole number from 1");
  return {
    ...(values.rounds === undefined ? {} : { rounds: Number(rounds) }),
    ...(values.only === undefined ? {} : { only: pattern(values.only) }),
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(values.smoke === true ? { smoke: true } : {}),
  };
}

function parse(words: readonly string[]) {
  try {
    const options = {
      rounds: { type: "string" },
      only: { type: "string" },
      json: { type: "string" },
      smoke: { type: "boolean" },
    } as const;
    return parseArgs({ args: [...words], options, strict: true }).values;
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch {
    throw usage(`--only wants a regular expression, and ${JSON.stringify(text)} is none`);
  }
}

function usage(message: string): PropiqError {
  return new PropiqError(`${message}.`, {
    code: "USAGE",
    next: { say: "As in: npm run bench -- --only preview --rounds 11 --json bench.json" },
  });
}
