/** docs/security.md on a machine with other users: the local cache gets a password, which shows nowhere, and another one by `rotate`. */
import { execFile } from "node:child_process";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { STORY } from "../support/parts.ts";
import { makeProject, type Outcome, type Project } from "../support/project.ts";

let project: Project;
let up: Outcome;
beforeAll(async () => {
  project = await makeProject();
  const port = await freePort();
  await project.run(["config", "set", `port=${port}`, "localPassword=true", "--stack", "native"]);
  up = await project.run(["dev"]);
});
afterAll(() => project.remove());

const settings = async () => parseEnv(await project.read(".env"));
const targetNow = async () => {
  const { target } = readSettings(await settings());
  if (target === undefined) throw new Error("the env file names no cache");
  return target;
};
const codesOf = async (password: string | undefined) => {
  const { password: _, ...target } = await targetNow();
  const given = { enabled: true, target: password === undefined ? target : { ...target, password } };
  const { checks } = await checkCache(given, { samples: 1 });
  return checks.flatMap(({ status, code }) => (status === "fail" ? [code] : []));
};

/** Every place where another user, a log or a backup would find it. */
async function placesWith(secret: string): Promise<string[]> {
  const { stdout: processes } = await promisify(execFile)("ps", ["axeww"], { maxBuffer: 64 * 1024 * 1024 });
  const state = join(project.root, ".propiq");
  const files = (await readdir(state, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const holding = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name);
      const { mode } = await stat(path);
      const isOpen = (await readFile(path, "latin1")).includes(secret);
      return isOpen ? [`${name} ${(mode & 0o777).toString(8)}`] : [];
    }),
  );
  return [...(processes.includes(secret) ? ["ps"] : []), ...holding.flat()];
}

describe("a local cache with a password", STORY, () => {
  it("refuses who does not know it, and works for the app", async () => {
    expect(up.code, up.all).toBe(0);
    const { password = "" } = await targetNow();
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(await codesOf(password)).toEqual([]);
    expect(await codesOf(undefined)).toEqual(["AUTH_REQUIRED"]);
    expect((await stat(join(project.root, ".env"))).mode & 0o777).toBe(0o600);
  });

  it("keeps it out of logs, of the list of processes, and of the state", async () => {
    const { password = "" } = await targetNow();
    expect(up.all).not.toContain(password);
    // The server's own file, which its owner alone can read.
    expect(await placesWith(password)).toEqual(["redis.conf 600"]);
  });

  it("shows no change in a preview, and keeps the password in the next update", async () => {
    const { password } = await targetNow();
    const preview = await project.run(["pulumi", "preview", "--stack", "native", "--expect-no-changes"]);
    expect(preview.code, preview.all).toBe(0);
    expect((await project.run(["dev"])).code).toBe(0);
    expect((await targetNow()).password).toBe(password);
  });

  it("gets a new password by rotate, which proves that the old one is refused", async () => {
    const { password: old = "" } = await targetNow();
    const rotated = await project.run(["rotate", "--stack", "native", "--yes", "--format", "json"]);
    expect(rotated.code, rotated.all).toBe(0);
    expect(JSON.parse(rotated.stdout)).toMatchObject({
      ...{ schema: 1, verdict: "rotated", stack: "native", plan: "native", oldSecretRefused: true },
      steps: [{ name: "replace-password" }, { name: "prove-old-secret-refused" }],
    });
    const { password = "" } = await targetNow();
    expect(password).not.toBe(old);
    expect(await codesOf(password)).toEqual([]);
    expect(await codesOf(old)).toEqual(["AUTH_WRONG"]);
    for (const secret of [old, password]) expect(rotated.all).not.toContain(secret);
    const preview = await project.run(["pulumi", "preview", "--stack", "native", "--expect-no-changes"]);
    expect(preview.code, preview.all).toBe(0);
  });

  it("loses it again by its key, and then has nothing to rotate", async () => {
    await project.run(["config", "set", "localPassword=false", "--stack", "native"]);
    const down = await project.run(["dev"]);
    expect(down.code, down.all).toBe(0);
    expect(await codesOf(undefined)).toEqual([]);
    const refused = await project.run(["rotate", "--stack", "native", "--yes"]);
    expect(refused.code, refused.all).toBe(2);
    expect(refused.all).toContain("has no password");
  });
});
