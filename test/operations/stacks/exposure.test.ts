import { execFileSync } from "node:child_process";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import { sharedMachineAdvice, trackedAdvice } from "../../../operations/stacks/exposure.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-exposure-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("an env file", () => {
  it("that git tracks is reported with the command that removes it from git", async () => {
    const file = join(folder, "app.env");
    await writeFile(file, "REDIS_PASSWORD=x\n");
    expect(await trackedAdvice(file)).toBeUndefined();
    execFileSync("git", ["init", "--quiet"], { cwd: folder });
    expect(await trackedAdvice(file)).toBeUndefined();
    execFileSync("git", ["add", "app.env"], { cwd: folder });
    const found = await trackedAdvice(file);
    expect(found && adviceText(found)).toContain(`Run: git rm --cached -- ${file}`);
  });

  it("in a folder that does not exist is not tracked", async () => {
    expect(await trackedAdvice(join(folder, "none", ".env"))).toBeUndefined();
  });
});

describe("a machine", () => {
  it("with the user's own folder alone has no other users", async () => {
    await mkdir(join(folder, "me"));
    expect(await sharedMachineAdvice("dev", [folder, join(folder, "none")])).toBeUndefined();
  });

  it.skipIf(process.getuid?.() !== 0)(
    "with folders of other people is reported with the key to set",
    async () => {
      await mkdir(join(folder, "service"));
      await chown(join(folder, "service"), 100, 100);
      expect(await sharedMachineAdvice("dev", [folder])).toBeUndefined();
      await mkdir(join(folder, "ann"));
      await chown(join(folder, "ann"), 1001, 1001);
      const found = await sharedMachineAdvice("dev", [folder]);
      expect(found?.run?.map(({ words }) => words.join(" "))).toEqual([
        "./propiq-cache config set localPassword=true --stack dev",
        "./propiq-cache dev",
      ]);
    },
  );
});
