/** Where a command's reports go. */
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { PropiqError } from "../../base/errors.ts";

/** Colours for a terminal that wants them, and its width. */
export function terminal(): { color: boolean; width: number } {
  const { stdout } = process;
  return { color: stdout.isTTY && stdout.hasColors(), width: stdout.columns ?? 100 };
}

/** Writes a file whole or not at all; to a pipe or device, as far as it goes. @throws PropiqError where it cannot be written */
export async function writeReport(path: string, text: string): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const isSpecial = await stat(target).then(
      (there) => !there.isFile(),
      () => false,
    );
    if (isSpecial) return await writeFile(target, text);
    await writeFile(temporary, text);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new PropiqError(`The report could not be written to ${path}.`, {
      hint: "Does its folder exist, and may you write there?",
      cause: error,
    });
  }
}
