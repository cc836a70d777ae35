import { execFileSync } from "node:child_process";
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { reportSet } from "../../../check/report-set.ts";
import { addToHistory } from "../../../scripts/commands/history.ts";
import { writeReport } from "../../../scripts/commands/output.ts";
import { aReport } from "../../support/report.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-output-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("replaces a file, also through a link", async () => {
  await writeFile(join(folder, "real"), "before");
  await symlink("real", join(folder, "link"));
  await writeReport(join(folder, "link"), "after");
  expect(await readFile(join(folder, "real"), "utf8")).toBe("after");
  expect((await lstat(join(folder, "link"))).isSymbolicLink()).toBe(true);
  expect((await readdir(folder)).toSorted()).toEqual(["link", "real"]);
});

it("writes into a pipe instead of replacing it by a file", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  const [, read] = await Promise.all([writeReport(pipe, "text"), readFile(pipe, "utf8")]);
  expect(read).toBe("text");
  expect((await lstat(pipe)).isFIFO()).toBe(true);
});

it("says where it could not write, and leaves nothing", async () => {
  await expect(writeReport(join(folder, "no", "report"), "text")).rejects.toMatchObject({
    ...{
      name: "PropiqError",
      exitCode: 2,
      message: `The report could not be written to ${folder}/no/report: its folder does not exist.`,
    },
  });
  await expect(writeReport(folder, "text")).rejects.toMatchObject({ name: "PropiqError" });
  expect(await readdir(folder)).toEqual([]);
});

it.skipIf(process.platform !== "linux")(
  "says that the disk is full, for a report and for a history",
  async () => {
    await expect(writeReport("/dev/full", "text")).rejects.toThrow(/: the disk is full\.$/);
    const set = reportSet([aReport({})], new Date());
    await expect(addToHistory("/dev/full", set)).rejects.toThrow(/: the disk is full\.$/);
    expect((await lstat("/dev/full")).isCharacterDevice()).toBe(true);
  },
);

it.skipIf(process.platform === "win32")(
  "is readable by its owner alone where it names hosts, and follows no planted link",
  async () => {
    const path = join(folder, "report.json");
    await writeFile(join(folder, "victim"), "kept");
    // The name that a process could have been expected to use.
    await symlink("victim", `${path}.${process.pid}.tmp`);
    await writeReport(path, "new");
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(join(folder, "victim"), "utf8")).toBe("kept");
    await writeReport(path, "local", false);
    expect((await lstat(path)).mode & 0o777).toBe(0o666 & ~process.umask());
    expect((await readdir(folder)).filter((name) => /[0-9a-f]{24}/.test(name))).toEqual([]);
  },
);
