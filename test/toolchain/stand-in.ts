/** Folders and programs of a test's own. */
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty folder that is removed after the test. */
export async function aFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "propiq-toolchain-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A program written in sh. @returns its path */
export async function aProgram(file: string, script: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Collects what is said. */
export function aListener(): { say: (line: string) => void; lines: string[] } {
  const lines: string[] = [];
  return { say: (line) => void lines.push(line), lines };
}

/** What sh and its like need, and nothing that a developer's machine may have. */
export const SYSTEM_PATH = "/usr/bin:/bin";
