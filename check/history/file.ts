/** The history's file: JSON lines, one a cache and run, the older ones in a second file beside it. */
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, rmdir, stat } from "node:fs/promises";
import { type PastRun, parseRun } from "./past-run.ts";

export interface History {
  /** In the order in which they were written. */
  runs: PastRun[];
  /** Lines that are not runs: torn by a crash, strange, or longer than 64 KB. */
  skippedLines: number;
}

/** Some 20,000 runs. As much again may lie in the older file. */
const LIMIT_BYTES = 8 * 1024 * 1024;
/** Taking turns takes microseconds: who is not done by now was killed. */
const TURN_STALE_MS = 60_000;
const CHUNK_BYTES = 1024 * 1024;
/** Characters of a line; a run takes some hundred. */
const LONGEST_LINE = 64 * 1024;

interface LineTaker {
  onLine(line: string): void;
  /** A line that is too long to be a run. */
  onLong(): void;
}

/**
 * Adds runs at the end. All in one write to a file opened for appending: several processes may do so at once, and a
 * reader sees a run whole or, after a crash, torn at the end, where the next one begins a line of its own.
 * @throws where the file cannot be written
 */
export async function appendRuns(
  path: string,
  runs: readonly PastRun[],
  limitBytes = LIMIT_BYTES,
): Promise<void> {
  await rotate(path, limitBytes);
  // A new file names hosts: its owner alone reads it.
  const file = await open(path, "a+", 0o600);
  try {
    const start = (await endsTorn(file)) ? "\n" : "";
    const bytes = Buffer.from(start + runs.map((run) => `${JSON.stringify(run)}\n`).join(""));
    const { bytesWritten } = await file.write(bytes);
    if (bytesWritten < bytes.length) throw Object.assign(new Error("the disk is full"), { code: "ENOSPC" });
  } catch (error) {
    await removeIfEmpty(path, file);
    throw error;
  } finally {
    await file.close();
  }
}

/** A write that fails at once leaves the file that was opened for it. */
async function removeIfEmpty(path: string, file: FileHandle): Promise<void> {
  const found = await file.stat();
  if (found.isFile() && found.size === 0) await rm(path, { force: true });
}

/** @returns all runs, the older file's first; none where there is no file yet @throws where it cannot be read */
export async function readHistory(path: string): Promise<History> {
  const history: History = { runs: [], skippedLines: 0 };
  for (const name of [olderOf(path), path]) {
    await eachLine(name, {
      onLine: (line) => {
        const run = parseRun(line);
        if (run !== undefined) history.runs.push(run);
        else if (line.trim() !== "") history.skippedLines++;
      },
      onLong: () => {
        history.skippedLines++;
      },
    });
  }
  return history;
}

function olderOf(path: string): string {
  return `${path}.1`;
}

async function endsTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== "\n";
}

/** Puts a full file aside. One process at a time: two in turn would put the older runs out of the world. */
async function rotate(path: string, limitBytes: number): Promise<void> {
  if (!(await isFull(path, limitBytes))) return;
  const turn = `${path}.turn`;
  const { mtimeMs } = await stat(turn).catch(() => ({ mtimeMs: Date.now() }));
  if (Date.now() - mtimeMs > TURN_STALE_MS) await rmdir(turn).catch(() => {});
  try {
    await mkdir(turn);
  } catch {
    // Another process is at it. The file grows by a line more.
    return;
  }
  try {
    if (await isFull(path, limitBytes)) await rename(path, olderOf(path));
  } finally {
    await rm(turn, { recursive: true, force: true });
  }
}

async function isFull(path: string, limitBytes: number): Promise<boolean> {
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return size >= limitBytes;
}

/** Line by line without ever holding the whole file. Neither node:readline nor a generator: a wait for each line is slow. */
async function eachLine(path: string, take: LineTaker): Promise<void> {
  let rest = "";
  let isSkipping = false;
  const end = (line: string) => {
    if (isSkipping || line.length > LONGEST_LINE) take.onLong();
    else take.onLine(line);
    isSkipping = false;
  };
  // A device or a pipe holds no past runs, and reading one may never end.
  const isEndless = await stat(path).then(
    (found) => !found.isFile() && !found.isDirectory(),
    () => false,
  );
  if (isEndless) return;
  try {
    for await (const chunk of createReadStream(path, { encoding: "utf8", highWaterMark: CHUNK_BYTES })) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(end);
      // The rest of a line that is too long is not kept: it may be as long as the disk is large.
      if (rest.length > LONGEST_LINE) isSkipping = true;
      if (isSkipping) rest = "";
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  if (rest !== "" || isSkipping) end(rest);
}
