/** A resource that may not exist. */
import { ArmError } from "./arm-error.ts";

/** @returns undefined where Azure answers 404 for the resource; without its subscription nothing is known of it */
export async function ifThere<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotThere(error)) return undefined;
    throw error;
  }
}

export function isNotThere(error: unknown): error is ArmError {
  return error instanceof ArmError && error.status === 404 && !/Subscription/i.test(error.code);
}
