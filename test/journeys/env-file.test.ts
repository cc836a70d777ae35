/** A developer whose .env is full of things that are not ours. */
import { chmod, lstat, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";
import { makeProject, type Project } from "../support/project.ts";

/** 40 lines as people have them, and no newline at the end. */
const foreign = [
  "# settings of the app\r",
  'export DATABASE_URL="postgres://app:p%40ss@db/app"\r',
  "REDIS_URL=redis://mine.example:6379/3\r",
  "REDIS_URL=redis://mine.example:6379/4\r",
  'KEY="-----BEGIN-----',
  "line = 2",
  '-----END-----"',
  ...Array.from({ length: 32 }, (_, index) =>
    index % 5 === 0 ? "" : `SETTING_${index}='value #${index}' # remark`,
  ),
  "  LAST = no newline",
].join("\n");

let project: Project;
beforeAll(async () => {
  project = await makeProject();
  await project.configure("native", { port: String(await freePort()) });
});
afterAll(() => project.remove());

describe("an env file with settings of its own, behind a symlink", () => {
  it("is what it was, byte for byte and mode for mode, after dev and dev --down", async () => {
    const behind = join(project.root, "shared.env");
    const path = join(project.root, ".env");
    await writeFile(behind, foreign);
    await chmod(behind, 0o644);
    await symlink("shared.env", path);

    const up = await project.run(["dev"]);
    expect(up.code, up.all).toBe(0);
    const during = await readFile(path, "utf8");
    expect(during.startsWith(foreign)).toBe(true);
    expect(parseEnv(during)["REDIS_URL"]).toMatch(/^redis:\/\/127\.0\.0\.1:/);
    expect(parseEnv(during)["SETTING_31"]).toBe("value #31");
    expect((await stat(path)).mode & 0o777).toBe(0o644);

    const down = await project.run(["dev", "--down"]);
    expect(down.code, down.all).toBe(0);
    expect(await readFile(behind, "utf8")).toBe(foreign);
    expect((await stat(behind)).mode & 0o777).toBe(0o644);
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
  });

  it("may be another file, named on the command line", async () => {
    const up = await project.run(["dev", "--env-file", "config/app.env"]);
    expect(up.code).toBe(2);
    expect(up.all).toContain("its folder does not exist");
    const good = await project.run(["dev", "--env-file", "app.env"]);
    expect(good.code, good.all).toBe(0);
    expect(parseEnv(await project.read("app.env"))["REDIS_ENABLED"]).toBe("true");
    expect((await project.run(["dev", "--down"])).code).toBe(0);
    await expect(project.read("app.env")).rejects.toThrow("ENOENT");
  });
});
