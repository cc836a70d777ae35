/** What a failed step comes to in words: which one, why, and in what state it leaves the app. */
import { ArmError } from "../../azure/arm.ts";
import { PropiqError } from "../../errors.ts";

/** What became of the app's settings. */
export type Aftermath = "untouched" | "put-back" | "written" | "put-back-failed";

const AFTERMATH: Readonly<Record<Aftermath, string>> = {
  untouched: "The app's settings were not changed.",
  "put-back": "The app's settings are as they were before, and the cache that they name is still there.",
  written: "The app holds the new settings; the cache before is still there, too.",
  "put-back-failed":
    "The app still holds the new settings, as putting the old ones back failed as well; both caches are still there.",
};

/** @param step what was being done, to follow "failed while" */
export function stepFailed(
  error: unknown,
  step: string,
  label: string,
  aftermath: Aftermath,
  stack: string,
): Error {
  const again = `npx propiq-cache pulumi up --stack ${stack}`;
  if (error instanceof PropiqError) {
    // What was refused before anything happened says so itself.
    if (aftermath === "untouched") return error;
    return new PropiqError(`${label}: failed while ${step}: ${error.message}\n${AFTERMATH[aftermath]}`, {
      hint: error.hint,
      cause: error,
    });
  }
  if (error instanceof ArmError) {
    return new PropiqError(
      `${label}: failed while ${step}: ${error.code}: ${error.message}\n${AFTERMATH[aftermath]}`,
      { hint: hintOf(error, again), cause: error },
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
    { hint: `Go on: npx propiq-cache pulumi up --stack ${stack}`, exitCode: 130 },
  );
}

function hintOf({ status, code }: ArmError, again: string): string {
  if (status === 403 || code === "AuthorizationFailed") {
    return `Give the identity that signs in the role Website Contributor on the app (reading and writing app settings needs more than Reader), then: ${again}`;
  }
  if (status === 401) return `Sign in again (az login, or a new pipeline run), then: ${again}`;
  return `Azure may only be busy. Try again: ${again}`;
}
