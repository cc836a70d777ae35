// @module-tag pipeline
/** `dev` is killed at any moment, and run again. */
import { readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";
import { passes } from "../support/parts.ts";
import { filesOf, makeProject, type Project } from "../support/project.ts";

const POINTS = 20;
const EVERY_POINT = Array.from({ length: POINTS }, (_, index) => index);
const foreign = "# mine\r\nexport A=1\r\nREDIS_URL=redis://mine:1/0\r\nB='no newline at the end'";

let project: Project;
let port: number;
let before: string[];
let wholeRunMs: number;

const envPath = () => join(project.root, ".env");
const env = () => readFile(envPath(), "utf8").catch(() => "(none)");

/** Processes of this project: those that run its files, or whose folder it is; not the cache itself. */
async function ownProcesses(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    const own = command.includes(project.root) || folder.startsWith(project.root);
    if (own && !command.includes("redis-server") && Number(pid) !== process.pid)
      found.push(`${pid} ${command}`);
  }
  return found;
}

/** Everything that a process of ours could be writing, with its time. */
async function written(): Promise<string> {
  const places = [project.root, join(project.root, ".propiq"), join(project.root, ".propiq/.pulumi")];
  const files = await Promise.all(
    places.map(async (place) =>
      (await readdir(place, { recursive: place.endsWith(".pulumi"), withFileTypes: true }).catch(() => []))
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    ),
  );
  const lines = files
    .flat()
    .map(async (file) => `${file} ${(await stat(file).catch(() => undefined))?.mtimeMs}`);
  return (await Promise.all(lines)).toSorted().join("\n");
}

beforeAll(async () => {
  project = await makeProject();
  port = await freePort();
  await project.configure("native", { port: String(port) });
  await writeFile(envPath(), foreign, { mode: 0o640 });
  before = await filesOf(project);
  const startedAt = performance.now();
  const whole = await project.run(["dev"]);
  wholeRunMs = performance.now() - startedAt;
  expect(whole.code, whole.all).toBe(0);
  // A file back end writes such a file not in one piece: cut off by a kill, it makes the stack unreadable.
  expect((await written()).includes(".attrs")).toBe(false);
  expect((await project.run(["dev", "--down"])).code).toBe(0);
});
afterAll(() => project.remove());

describe("dev, killed at any moment", () => {
  for (const [rows, pass] of passes(EVERY_POINT, 3, 10, 15)) {
    it.each(rows)(
      "leaves at point %i of 20 a state that dev and dev --down recover, and no running process",
      pass,
      async (index) => {
        const running = project.start(["dev"]);
        await sleep((wholeRunMs * (index + 0.5)) / POINTS);
        running.kill("SIGKILL", index % 2 === 0 ? "process" : "group");
        await running.ended;
        await expect.poll(ownProcesses, { interval: 20 }).toEqual([]);
        const atKill = await written();
        await sleep(300);
        expect(await written()).toBe(atKill);
        // The file is always whole: the user's lines alone, or with the whole block behind them.
        const text = await env();
        expect(
          text === foreign || (text.startsWith(foreign) && text.endsWith("# <<< propiq-cache <<<\r\n")),
        ).toBe(true);

        if (index % 4 === 3) {
          const again = await project.run(["dev"]);
          expect(again.code, again.all).toBe(0);
          expect(await env()).toContain(`REDIS_PORT=${port}`);
        }
        const down = await project.run(["dev", "--down"]);
        expect(down.code, down.all).toBe(0);
        expect(await env()).toBe(foreign);
        expect((await stat(envPath())).mode & 0o777).toBe(0o640);
        expect(await filesOf(project)).toEqual(before);
        await expect(stat(join(project.root, ".propiq/redis/native"))).rejects.toThrow("ENOENT");
      },
    );
  }

  it("ends by Ctrl-C with 130 and names the next step", async () => {
    const running = project.start(["dev"]);
    await running.until("starting redis-server");
    running.kill("SIGINT");
    const { code, all } = await running.ended;
    expect(code, all).toBe(130);
    expect(all).toContain("./propiq-cache dev --down");
    await expect.poll(ownProcesses).toEqual([]);
    const again = await project.run(["dev"]);
    expect(again.code, again.all).toBe(0);
    expect((await project.run(["dev", "--down"])).code).toBe(0);
    expect(await env()).toBe(foreign);
  });
});
