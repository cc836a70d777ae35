/** Where a command's reports go. */

import { realpath, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { fileErrorWords } from "../../base/file-error.ts";
import { PRIVATE, replaceFile, SHARED } from "../../base/private-files.ts";
import { codeBlock } from "../../check/render/markdown-text.ts";
import { printReport } from "../print.ts";

/** Colours for a terminal that needs them, and its width. */
export function terminal(): { color: boolean; width: number } {
  const { stdout } = process;
  return { color: stdout.isTTY && stdout.hasColors(), width: stdout.columns ?? 100 };
}

/**
 * Writes a file whole or not at all; to a pipe or device, as much as possible.
 * @param isPrivate only the owner of the file may read it: it names hosts that are not on this machine
 * @throws PropiqError where it cannot be written
 */
export async function writeReport(path: string, text: string, isPrivate = true): Promise<void> {
  const target = await realpath(path).catch(() => path);
  try {
    const isSpecial = await stat(target).then(
      (there) => !there.isFile(),
      () => false,
    );
    if (isSpecial) return await writeFile(target, text);
    await replaceFile(target, text, isPrivate ? PRIVATE : SHARED);
  } catch (error) {
    throw new PropiqError(`The report could not be written to ${path}: ${fileErrorWords(error)}.`, {
      code: "FILE_UNUSABLE",
      next: advice("An earlier file of that name is unchanged. Fix this, then run the same command again."),
      cause: error,
    });
  }
}

/** The first line of standard input. At a terminal it is asked for; what is typed there is shown. */
export async function standardInput(question: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(question);
  let text = "";
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0]?.trim() ?? "";
}

/** Prints a report in the chosen format and writes it to the files of `--report`. @throws PropiqError */
export async function writeReports<T>(
  report: T,
  text: (report: T) => string,
  { format, report: files = [] }: { format: "text" | "json"; report?: string[] },
): Promise<void> {
  const renderers: Readonly<Record<string, (value: T) => string>> = {
    text,
    json: (value) => `${JSON.stringify(value, null, 2)}\n`,
    markdown: (value) => `${codeBlock(text(value).trimEnd()).join("\n")}\n`,
  };
  printReport(renderers[format]?.(report) ?? "");
  for (const file of files) {
    const [, name = "", path = ""] = /^([^=]*)=(.+)$/.exec(file) ?? [];
    const render = renderers[name];
    if (render === undefined)
      throw new PropiqError("--report requires a format and a file, as in json=report.json.", {
        code: "USAGE",
        next: advice(`Formats: ${Object.keys(renderers).join(", ")}`),
      });
    await writeReport(resolve(path), render(report));
  }
}
