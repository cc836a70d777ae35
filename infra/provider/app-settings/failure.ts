/** What a failed step comes to in words: which one, why, and in what state it leaves the app. */

import { PropiqError } from "../../../base/errors.ts";
import { foreignText } from "../../../base/safe-text.ts";
import { ArmError } from "../../azure/arm.ts";
import { wayOn } from "../../azure/way-on.ts";

/** What became of the app's settings. */
export type Aftermath = "untouched" | "put-back" | "written" | "put-back-failed";

const AFTERMATH: Readonly<Record<Aftermath, string>> = {
  untouched: "The app's settings were not changed.",
  "put-back": "The app's settings are as they were before, and the cache that they name is still there.",
  written: "The app holds the new settings; the cache before is still there, too.",
  "put-back-failed":
    "The app still holds the new settings, as putting the old ones back failed as well; both caches are still there.",
};

/**
 * @param step what was being done, to follow "failed while"
 * @param redact takes the app's secrets out of what Azure says: it may repeat what it was sent
 */
export function stepFailed(
  error: unknown,
  step: string,
  label: string,
  aftermath: Aftermath,
  stack: string,
  redact: (text: string) => string,
): Error {
  const again = `./propiq-cache pulumi up --stack ${stack}`;
  if (error instanceof PropiqError) {
    // What was refused before anything happened says so itself.
    if (aftermath === "untouched") return error;
    return new PropiqError(`${label}: failed while ${step}: ${error.message}\n${AFTERMATH[aftermath]}`, {
      hint: error.hint.includes(again) ? error.hint : `${error.hint}\nThen: ${again}`,
      cause: error,
    });
  }
  if (error instanceof ArmError) {
    return new PropiqError(
      `${label}: failed while ${step}: ${saidBy(error, redact)}\n${AFTERMATH[aftermath]}`,
      {
        hint: wayOn(error, again),
        cause: error,
      },
    );
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** An update that was cancelled is nobody's mistake. */
export function cancelled(label: string, wrote: boolean, stack: string): PropiqError {
  return new PropiqError(
    wrote
      ? `The update was cancelled after the settings of ${label} were written and before the app was seen on them. The cache before is still there.`
      : `The update was cancelled before the settings of ${label} were changed.`,
    { hint: `Go on: ./propiq-cache pulumi up --stack ${stack}`, exitCode: 130 },
  );
}

/** Azure's text is foreign: without secrets, on one line, without control characters, cut off where it is long. */
function saidBy({ code, message }: ArmError, redact: (text: string) => string): string {
  return foreignText(`${code}: ${message}`, redact, 400);
}
