/** Asking again: how long to wait, and after which answers. */
import { setTimeout as sleep } from "node:timers/promises";
import { ArmError } from "./arm-error.ts";

/** Attempts of a read, the first included. */
const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 20_000;
/** Azure may ask for minutes; a single wait is never longer than this. */
const LONGEST_ASKED_MS = 120_000;

/** Answers after which the same question may well be answered: too busy, broken off, or lost on the way. */
export function mayPass(error: unknown): error is ArmError {
  return (
    error instanceof ArmError && (error.status === undefined || /^(408|429|5\d\d)$/.test(`${error.status}`))
  );
}

/** Milliseconds to wait after an attempt (from 1): what the answer asks for, else 0.5, 1, 2, 4, … up to 20 s. */
export function pauseMs(attempt: number, error: ArmError): number {
  if (error.retryAfterMs !== undefined) return Math.min(error.retryAfterMs, LONGEST_ASKED_MS);
  return Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
}

/** Repeats what changes nothing as long as it may pass. @throws the last error, or the signal's reason */
export async function repeatRead<T>(read: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await read();
    } catch (error) {
      if (!mayPass(error) || attempt >= ATTEMPTS) throw error;
      await wait(pauseMs(attempt, error), signal);
    }
  }
}

/** @throws the signal's reason */
export async function wait(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
