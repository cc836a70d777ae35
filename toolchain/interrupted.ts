import { PropiqError } from "../base/errors.ts";

/** What a user reads after a Ctrl-C in the middle of getting a tool. */
export function interrupted(what: string): PropiqError {
  return new PropiqError(`Interrupted ${what}. Nothing half-made was left in place.`, {
    hint: "Run the same command again to go on.",
    exitCode: 130,
  });
}
