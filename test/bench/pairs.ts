/** Rows that put the same question to two stacks. */
import { randomUUID } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { timed } from "./command.ts";
import { PREVIEW, type Stack } from "./environment.ts";
import type { Part, Side, Sides } from "./row.ts";

/** The same words to Pulumi on two stacks. */
export async function both(
  words: readonly string[],
  ours: () => Promise<Stack>,
  baseline: () => Promise<Stack>,
  apart: Side = [],
): Promise<Sides> {
  const part = (stack: Stack): Part => ({ what: `pulumi ${words[0]}`, run: timed(stack.pulumi(...words)) });
  return { ours: [part(await ours()), ...apart], baseline: [part(await baseline())] };
}

/**
 * The template takes many seconds, in which single delays weigh little, and it is far behind. Both are brought up just
 * before, and compiled anew in each round: nothing is left to warm up.
 */
export const FEW_EDITS = { rounds: 3, fresh: true } as const;

/** A preview of two programs that were changed since their last one, by a comment. */
export async function bothEdited(ours: () => Promise<Stack>, baseline: () => Promise<Stack>): Promise<Sides> {
  const part = (stack: Stack): Part => {
    const preview = timed(stack.pulumi(...PREVIEW));
    return {
      what: "pulumi preview",
      run: async (onStart) => {
        // Never the same text twice: ts-node keeps what it compiled, from one run of the bench to the next.
        await appendFile(stack.program, `\n// edit ${randomUUID()}\n`);
        return await preview(onStart);
      },
    };
  };
  return { ours: [part(await ours())], baseline: [part(await baseline())] };
}
