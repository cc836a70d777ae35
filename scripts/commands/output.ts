/** Where a command's reports go. */
import { rename, rm, writeFile } from "node:fs/promises";
import { PropiqError } from "../errors.ts";

/** Colours for a terminal that wants them, and its width. */
export function terminal(): { color: boolean; width: number } {
  const { stdout } = process;
  return { color: stdout.isTTY && stdout.hasColors(), width: stdout.columns ?? 100 };
}

/** Writes a file whole or not at all. @throws PropiqError where it cannot be written */
export async function writeReport(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new PropiqError(`The report could not be written to ${path}.`, {
      hint: "Does its folder exist, and may you write there?",
      cause: error,
    });
  }
}
