/** The message of a failed step: which one, why, and in what state it leaves the app. */
import { advice, followedBy } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { foreignText } from "../../../base/safe-text.ts";
import { ArmError } from "../../azure/arm-error.ts";
import { nextStep } from "../../azure/next-step.ts";

/** What became of the app's settings. */
export type Aftermath = "untouched" | "restored" | "written" | "not-restored";

const AFTERMATH: Readonly<Record<Aftermath, string>> = {
  untouched: "The app's settings were not changed.",
  restored: "The app has its previous settings again, and the cache that they name still exists.",
  written: "The app has the new settings. The previous cache still exists.",
  "not-restored":
    "The app still has the new settings: restoring the previous ones failed as well. Both caches still exist.",
};

export interface FailedStep {
  /** What was being done, to follow "failed while". */
  step: string;
  label: string;
  stack: string;
  aftermath: Aftermath;
  /** Removes the app's secrets from Azure's text, which may repeat what was sent. */
  redact: (text: string) => string;
}

export function stepFailed(error: unknown, { step, label, stack, aftermath, redact }: FailedStep): Error {
  const again = pulumi(stack, "up");
  const message = (why: string) => `${label}: failed while ${step}: ${why}\n${AFTERMATH[aftermath]}`;
  if (error instanceof PropiqError) {
    // What was refused before anything happened says so itself.
    if (aftermath === "untouched") return error;
    return new PropiqError(message(error.message), {
      code: error.code,
      next: followedBy(error.next, again),
      cause: error,
    });
  }
  if (error instanceof ArmError) {
    return new PropiqError(message(saidBy(error, redact)), {
      code: "AZURE_ERROR",
      next: nextStep(error, again),
      cause: error,
    });
  }
  return error instanceof Error ? error : new Error(String(error));
}

export function cancelled(label: string, wrote: boolean, stack: string): PropiqError {
  return new PropiqError(
    wrote
      ? `The update was cancelled after the settings of ${label} were written and before the app was seen on them. The previous cache still exists.`
      : `The update was cancelled before the settings of ${label} were changed.`,
    { code: "CANCELLED", next: advice("To continue:", pulumi(stack, "up")), exitCode: 130 },
  );
}

/** Azure's text is foreign: without secrets, on one line, without control characters, shortened. */
function saidBy({ code, message }: ArmError, redact: (text: string) => string): string {
  return foreignText(`${code}: ${message}`, redact, 400);
}
