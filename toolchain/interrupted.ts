import { advice } from "../base/advice.ts";
import { PropiqError } from "../base/errors.ts";

/** What a user reads after a Ctrl-C in the middle of getting a tool. */
export function interrupted(what: string): PropiqError {
  return new PropiqError(`Interrupted ${what}. No incomplete file remains.`, {
    code: "INTERRUPTED",
    next: advice("Run the same command again to continue."),
    exitCode: 130,
  });
}
