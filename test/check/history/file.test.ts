import { fork } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { appendRuns, readHistory } from "../../../check/history/file.ts";
import { aRun } from "../../support/history.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-history-"));
  path = join(folder, "history.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

it("reads what was added, in that order", async () => {
  const runs = [aRun(), aRun({ stack: "prod" }), aRun({ verdict: "failed", codes: ["AUTH_WRONG"] })];
  await appendRuns(path, runs.slice(0, 2));
  await appendRuns(path, runs.slice(2));
  expect(await readHistory(path)).toEqual({ runs, skippedLines: 0 });
});

it("is empty where the file does not exist yet", async () => {
  expect(await readHistory(path)).toEqual({ runs: [], skippedLines: 0 });
});

it.runIf(process.platform === "linux")("does not read a device, which may never end", async () => {
  expect(await readHistory("/dev/zero")).toEqual({ runs: [], skippedLines: 0 });
  await expect(appendRuns("/dev/full", [aRun()])).rejects.toMatchObject({ code: "ENOSPC" });
});

it("skips a truncated line, and adds the next one whole", async () => {
  await appendRuns(path, [aRun()]);
  await appendFile(path, '{"schema":1,"at":"2026-11-');
  expect(await readHistory(path)).toEqual({ runs: [aRun()], skippedLines: 1 });
  await appendRuns(path, [aRun({ stack: "prod" })]);
  expect(await readHistory(path)).toEqual({ runs: [aRun(), aRun({ stack: "prod" })], skippedLines: 1 });
});

it.each([65 * 1024, 40 * 1024 * 1024])(
  "skips a line of %d characters, and keeps none of it",
  async (length) => {
    await appendRuns(path, [aRun()]);
    await appendFile(path, `{"schema":1,"x":"${"y".repeat(length)}"}\n`);
    await appendRuns(path, [aRun({ stack: "prod" })]);
    await appendFile(path, "z".repeat(length));
    const before = process.memoryUsage().rss;
    expect(await readHistory(path)).toEqual({ runs: [aRun(), aRun({ stack: "prod" })], skippedLines: 2 });
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  },
);

it("reads lines that lie across the pieces in which the file is read", async () => {
  const runs = Array.from({ length: 8000 }, (_, index) => aRun({ stack: `größe ${index}` }));
  await writeFile(path, runs.map((run) => `${JSON.stringify(run)}\n`).join(""));
  const { runs: read } = await readHistory(path);
  expect(read.map(({ stack }) => stack)).toEqual(runs.map(({ stack }) => stack));
});

it("loses nothing when several processes write at once", async () => {
  const writer = join(import.meta.dirname, "..", "..", "support", "history-writer.ts");
  const writers = [0, 1, 2, 3].map((number) => fork(writer, [path, String(number), "50"]));
  const codes = await Promise.all(writers.map((each) => once(each, "exit")));
  expect(codes.map(([code]) => code)).toEqual([0, 0, 0, 0]);
  const { runs, skippedLines } = await readHistory(path);
  expect(new Set(runs.map(({ stack }) => stack)).size).toBe(200);
  expect([runs.length, skippedLines]).toEqual([200, 0]);
});

it("renames a full file, and reads both", async () => {
  const stacks = ["a", "b", "c", "d", "e"];
  const bytes = JSON.stringify(aRun({ stack: "a" })).length;
  for (const stack of stacks) await appendRuns(path, [aRun({ stack })], 2 * bytes);
  expect((await readdir(folder)).sort()).toEqual(["history.jsonl", "history.jsonl.1"]);
  // The oldest went with the first file: two full ones, and what is being written.
  expect((await readHistory(path)).runs.map(({ stack }) => stack)).toEqual(["c", "d", "e"]);
  expect((await readFile(path)).length).toBeLessThan(3 * bytes);
});

it("renames a full file once, however many processes find it full at the same time", async () => {
  const bytes = JSON.stringify(aRun()).length;
  await writeFile(path, `${JSON.stringify(aRun({ stack: "old" }))}\n`.repeat(100));
  const adding = Array.from({ length: 40 }, (_, index) =>
    appendRuns(path, [aRun({ stack: `new ${index}` })], 90 * bytes),
  );
  await Promise.all(adding);
  expect((await readHistory(path)).runs).toHaveLength(140);
});

it("leaves a full file to the process that already renames it, unless that process was killed", async () => {
  await appendRuns(path, [aRun()]);
  await mkdir(`${path}.turn`);
  await appendRuns(path, [aRun()], 1);
  expect(await readdir(folder)).not.toContain("history.jsonl.1");
  const longAgo = new Date(Date.now() - 3_600_000);
  await utimes(`${path}.turn`, longAgo, longAgo);
  await appendRuns(path, [aRun()], 1);
  expect((await readdir(folder)).sort()).toEqual(["history.jsonl", "history.jsonl.1"]);
  expect((await readHistory(path)).runs).toHaveLength(3);
});
