/** The version of a program, asked once: the Pulumi CLI takes a third of a second to print its own. */
import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PRIVATE, replaceFile } from "../base/private-files.ts";
import { stateFolder } from "./paths.ts";

const FILE = join(stateFolder, "cache", "pulumi-version.json");

/**
 * Asks only if the file differs from the one that answered last. A refusal is not remembered.
 * @param file where the last answer is kept; an unreadable one only costs the question
 */
export async function rememberedVersion<Refusal extends { why: string }>(
  bin: string,
  ask: () => Promise<{ version: string } | Refusal>,
  file = FILE,
): Promise<{ version: string } | Refusal> {
  const program = await identity(bin);
  const kept = await remembered(file);
  if (program !== undefined && kept?.program === program) return { version: kept.version };
  const answer = await ask();
  if (program !== undefined && "version" in answer) await remember(file, { program, ...answer });
  return answer;
}

interface Remembered {
  program: string;
  version: string;
}

/** Changes whenever the program is replaced. */
async function identity(bin: string): Promise<string | undefined> {
  try {
    const path = await realpath(bin);
    const { ino, size, mtimeMs, ctimeMs } = await stat(path);
    return [path, ino, size, mtimeMs, ctimeMs].join(":");
  } catch {
    return undefined;
  }
}

async function remembered(file: string): Promise<Remembered | undefined> {
  try {
    const { program, version } = JSON.parse(await readFile(file, "utf8")) as Partial<Record<string, unknown>>;
    const isVersion = typeof version === "string" && /^\d+\.\d+\.\d+[\w.+-]*$/.test(version);
    return typeof program === "string" && isVersion ? { program, version } : undefined;
  } catch {
    return undefined;
  }
}

async function remember(file: string, answer: Remembered): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await replaceFile(file, JSON.stringify(answer), PRIVATE);
  } catch {
    // The next command asks again.
  }
}
