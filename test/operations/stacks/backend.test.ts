import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockOf, removeStaleLocks } from "../../../operations/stacks/backend.ts";

let root: string;
let locks: string;
const backend = () => `file://${root}?metadata=skip`;
/** No process has it: Linux gives out no more than 4,194,304. */
const DEAD = 5_000_000;
const lock = (name: string, holder: object | string) =>
  writeFile(join(locks, name), typeof holder === "string" ? holder : JSON.stringify(holder));

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "propiq-backend-"));
  locks = join(root, ".pulumi", "locks", "organization", "propiq-cache", "dev");
  await mkdir(locks, { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

describe("the locks of a stack", () => {
  it("of dead processes are removed one by one, and those of others remain", async () => {
    await lock("dead.json", { pid: DEAD, hostname: hostname() });
    await lock("elsewhere.json", { pid: DEAD, hostname: "another-machine" });
    expect(await lockOf(backend(), "dev")).toMatchObject({ held: true, stale: false });
    await removeStaleLocks(backend(), "dev");
    expect(await readdir(locks)).toEqual(["elsewhere.json"]);
  });

  it("that are folders are removed once they are stale", async () => {
    const folder = join(locks, "folder.json");
    await mkdir(folder);
    const past = new Date(Date.now() - 60_000);
    await utimes(folder, past, past);
    await removeStaleLocks(backend(), "dev");
    expect(await readdir(locks)).toEqual([]);
  });

  it("name a holder that is fit to be shown, whatever the file says", async () => {
    const name = "x\n::add-mask::y ##vso[task.complete]";
    await lock("hostile.json", { pid: 1, hostname: name, username: name });
    const found = await lockOf(backend(), "dev");
    expect(JSON.stringify(found)).not.toMatch(/::add|##vso|\\n/);
  });

  it("are stale where all of them are", async () => {
    await lock("dead.json", { pid: DEAD, hostname: hostname() });
    expect(await lockOf(backend(), "dev")).toMatchObject({ held: true, stale: true, pid: DEAD });
    await removeStaleLocks(backend(), "dev");
    expect(await lockOf(backend(), "dev")).toEqual({ held: false });
  });

  it.each(["", '{"pid":', "null", "[]", '{"pid":"x","hostname":1}'])(
    "with the content %j are no error, and count while they may still be written",
    async (content) => {
      await lock("odd.json", content);
      expect(await lockOf(backend(), "dev")).toMatchObject({ held: true, stale: false });
      await removeStaleLocks(backend(), "dev");
      expect(await readdir(locks)).toEqual(["odd.json"]);
    },
  );

  it.each(["", '{"pid":', "null", "[]", "7", '{"pid":"x","hostname":1}'])(
    "with the content %j are stale when they were written long ago",
    async (content) => {
      await lock("cut.json", content);
      const past = new Date(Date.now() - 60_000);
      await utimes(join(locks, "cut.json"), past, past);
      expect(await lockOf(backend(), "dev")).toMatchObject({ held: true, stale: true });
      await removeStaleLocks(backend(), "dev");
      expect(await readdir(locks)).toEqual([]);
    },
  );
});
