/**
 * What every operation reports: notes with a status, what was seen, and advice as data. One list of statuses and marks
 * for all of them.
 */
import type { Advice } from "../base/advice.ts";

/**
 * `pass`: correct, or done. `note`: nothing is wrong, and the reader should know. `warn`: it works, and something is
 * wrong. `fail`: no. `unknown`: the question could not be answered.
 */
export type Status = "pass" | "note" | "warn" | "fail" | "unknown";

export interface Note {
  status: Status;
  /** What was seen or done: one or more lines, without commands. */
  say: string;
  advice?: Advice | undefined;
  /** Text to paste elsewhere, such as a part of another tool's file. */
  snippet?: string | undefined;
}

/** Distinguished by shape, not only by colour; the same marks as in a report of the check. */
export const MARKS: Readonly<Record<Status, string>> = {
  pass: "✔",
  note: "·",
  warn: "!",
  fail: "✘",
  unknown: "?",
};
