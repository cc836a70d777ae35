/** A resource that may not exist. */
import { ArmError } from "./arm-error.ts";

/** @returns undefined where Azure answers 404 */
export async function ifThere<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

export function isNotThere(error: unknown): error is ArmError {
  return error instanceof ArmError && error.status === 404;
}
