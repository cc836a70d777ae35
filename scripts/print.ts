/** The one place where commands write to their output. It takes only text that no pipeline obeys. */
import { type SafeText, safeLines, withoutCommands } from "../base/safe-text.ts";

export function print(text: SafeText): void {
  process.stdout.write(text);
}

export function printError(text: SafeText): void {
  process.stderr.write(text);
}

/** A line of progress or of an answer, which may quote a foreign text. */
export function say(line: string): void {
  print(safeLines(`${line}\n`));
}

/** The same beside an output that another program reads. */
export function sayBeside(line: string): void {
  printError(safeLines(`${line}\n`));
}

/**
 * Calls back once everything printed so far has been written, or could not be: the reader of a pipe may be slow. By then
 * standard output has emitted its error.
 */
export function whenPrinted(then: () => void): void {
  process.stdout.write("", () => setImmediate(then));
}

/** A rendered report: its renderer has escaped control characters, and colours stay. */
export function printReport(text: string): void {
  print(withoutCommands(text));
}
