import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { moveIntoPlace, sizeOf, withStaging } from "../../toolchain/staging.ts";
import { aFolder } from "./stand-in.ts";

describe("withStaging", () => {
  it("leaves nothing behind, also when the work fails", async () => {
    const parent = await aFolder();
    const work = withStaging(parent, async (folder) => {
      await writeFile(join(folder, "half"), "a tool");
      throw new Error("broken off");
    });
    await expect(work).rejects.toThrow("broken off");
    expect(await readdir(parent)).toEqual([]);
  });

  it("clears away what a killed run left, and leaves alone what a running one has", async () => {
    const parent = await aFolder();
    const ended = spawnSync("true").pid;
    for (const pid of [ended, process.pid]) {
      await mkdir(join(parent, `.staging-${pid}-abc`));
      await writeFile(join(parent, `.staging-${pid}-abc`, "tool"), "");
    }
    await withStaging(parent, async () => {});
    expect(await readdir(parent)).toEqual([`.staging-${process.pid}-abc`]);
  });
});

describe("moveIntoPlace", () => {
  async function twoFolders() {
    const parent = await aFolder();
    const [staged, place] = [join(parent, "staged"), join(parent, "deep", "place")];
    await mkdir(staged);
    await writeFile(join(staged, "tool"), "new");
    return { staged, place, tool: join(place, "tool") };
  }

  it("moves the folder to a place that did not exist", async () => {
    const { staged, place, tool } = await twoFolders();
    await moveIntoPlace(staged, place, () => existsSync(tool));
    expect(await readFile(tool, "utf8")).toBe("new");
  });

  it("keeps what another run has put there first", async () => {
    const { staged, place, tool } = await twoFolders();
    await mkdir(place, { recursive: true });
    await writeFile(tool, "theirs");
    await moveIntoPlace(staged, place, () => existsSync(tool));
    expect(await readFile(tool, "utf8")).toBe("theirs");
  });

  it("replaces what is not whole", async () => {
    const { staged, place, tool } = await twoFolders();
    await mkdir(place, { recursive: true });
    await writeFile(join(place, "debris"), "");
    await moveIntoPlace(staged, place, () => existsSync(tool));
    expect(await readdir(place)).toEqual(["tool"]);
  });
});

describe("sizeOf", () => {
  it("adds up all files below a folder, and is 0 for none", async () => {
    const folder = await aFolder();
    await mkdir(join(folder, "a", "b"), { recursive: true });
    await writeFile(join(folder, "one"), "12345");
    await writeFile(join(folder, "a", "b", "two"), "123");
    expect(await sizeOf(folder)).toBe(8);
    expect(await sizeOf(join(folder, "none"))).toBe(0);
  });
});
