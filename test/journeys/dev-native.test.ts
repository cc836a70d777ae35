/** A developer without Docker: one command from nothing to a proven cache, and back to nothing. */
import { appendFile, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { STORY } from "../support/parts.ts";
import { filesOf, makeProject, type Outcome, type Project } from "../support/project.ts";

let project: Project;
let port: number;
let before: string[];
let first: Outcome;

const settings = async () => parseEnv(await project.read(".env"));

/** Real traffic, as an app's: with the URL and nothing else. */
async function roundTrip(url: string): Promise<string | null> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.set("journey", "there and back", "EX", 10);
    return await client.get("journey");
  } finally {
    client.disconnect();
  }
}

beforeAll(async () => {
  project = await makeProject();
  port = await freePort();
  await project.configure("native", { port: String(port) });
  before = await filesOf(project);
  first = await project.run(["dev"]);
});
afterAll(() => project.remove());

/** A line without what differs from run to run. */
function shapeOf(line: string): string {
  return line
    .trimEnd()
    .replace(/[\d.]+ (ms|s|minutes?)\b/g, "TIME")
    .replace(/\d[\d.]*/g, "N");
}

describe("a developer without Docker", STORY, () => {
  it("gets a cache by one command, which says why it is not Docker's", () => {
    expect(first.all).toMatch(/No Docker engine answers|Docker plugin is not available/);
    expect(first.code, first.all).toBe(0);
    expect(first.stdout).toContain("healthy");
    expect(first.stdout).toContain("The settings are in .env.");
    expect(first.all).not.toContain("warning");
  });

  it("sees what the README shows", async () => {
    const readme = await readFile(join(PROJECT_ROOT, "README.md"), "utf8");
    const shown = /```text\n(✔ healthy.*?)```/s.exec(readme)?.[1] ?? "";
    const seen = new Set(first.stdout.split("\n").map(shapeOf));
    expect(shown.split("\n").length).toBeGreaterThan(15);
    expect(shown.split("\n").filter((line) => !seen.has(shapeOf(line)))).toEqual([]);
  });

  it("finds settings in .env with which an app works", async () => {
    const env = await settings();
    expect(env).toMatchObject({
      REDIS_ENABLED: "true",
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(port),
      REDIS_TLS: "false",
    });
    expect(await roundTrip(env["REDIS_URL"] ?? "")).toBe("there and back");
    expect((await stat(join(project.root, ".env"))).mode & 0o777).toBe(0o600);
  });

  it("can check it by env file and by stack, for people and for machines", async () => {
    const text = await project.run(["verify", "--env-file", ".env"]);
    expect(text.code, text.all).toBe(0);
    const json = await project.run(["verify", "--stack", "native", "--format", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      schema: 1,
      verdict: "healthy",
      reports: [
        {
          stack: "native",
          plan: "native",
          provider: "native",
          endpoint: `127.0.0.1:${port}`,
          verdict: "healthy",
        },
      ],
    });
  });

  it("changes no tracked file, and the passphrase is its owner's alone", async () => {
    const added = (await filesOf(project)).filter((file) => !before.includes(file));
    expect(added).toEqual([".env"]);
    expect(await readFile(join(project.root, "Pulumi.native.yaml"), "utf8")).not.toContain("encryptionsalt");
    expect((await stat(join(project.root, ".propiq/passphrase"))).mode & 0o777).toBe(0o600);
  });

  it("changes nothing by a second run, which says so", async () => {
    const env = await project.read(".env");
    const again = await project.run(["dev"]);
    expect(again.code, again.all).toBe(0);
    expect(again.stdout).toContain("Nothing had to be changed.");
    expect(await project.read(".env")).toBe(env);
  });

  it("gets the cache back by another run when the server was killed", async () => {
    const folders = join(project.root, ".propiq/redis/native");
    const [name = ""] = await readdir(folders);
    process.kill(Number(await readFile(join(folders, name, "redis.pid"), "utf8")), "SIGKILL");
    await expect.poll(async () => (await project.run(["verify", "--env-file", ".env"])).code).toBe(1);
    const again = await project.run(["dev"]);
    expect(again.code, again.all).toBe(0);
    expect(await roundTrip((await settings())["REDIS_URL"] ?? "")).toBe("there and back");
    // The new server is proven anew.
    expect(again.stdout).toContain("✔ healthy");
  });

  it("moves to another port only when the new server works, and overrides a line that was added later", async () => {
    const other = await freePort();
    await project.run(["pulumi", "config", "set", "port", String(other), "--stack", "native"]);
    await appendFile(join(project.root, ".env"), "REDIS_URL=redis://127.0.0.1:9/0\n");
    const moved = await project.run(["dev"]);
    expect(moved.code, moved.all).toBe(0);
    expect((await settings())["REDIS_PORT"]).toBe(String(other));
    const order = [
      "LocalRedis propiq-redis creat",
      "EnvFile env-file updat",
      "LocalRedis propiq-redis delet",
    ];
    const places = order.map((row) => moved.stdout.indexOf(row));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
    await expect(roundTrip(`redis://127.0.0.1:${port}/0`)).rejects.toThrow();
    expect(await roundTrip((await settings())["REDIS_URL"] ?? "")).toBe("there and back");
    const repaired = (await project.read(".env")).replace("REDIS_URL=redis://127.0.0.1:9/0\n", "");
    await writeFile(join(project.root, ".env"), repaired);
  });

  it("works again after the stack was removed with Pulumi", async () => {
    const removed = await project.run(["pulumi", "stack", "rm", "native", "--yes", "--force"]);
    expect(removed.code, removed.all).toBe(0);
    await project.configure("native", { port: (await settings())["REDIS_PORT"] });
    const again = await project.run(["dev"]);
    expect(again.code, again.all).toBe(0);
    expect(await roundTrip((await settings())["REDIS_URL"] ?? "")).toBe("there and back");
  });

  it("removes all of it by one command", async () => {
    const url = (await settings())["REDIS_URL"] ?? "";
    const down = await project.run(["dev", "--down"]);
    expect(down.code, down.all).toBe(0);
    await expect(roundTrip(url)).rejects.toThrow();
    expect(await filesOf(project)).toEqual(before);
    for (const gone of [
      "passphrase",
      "redis/native",
      "stacks/chosen",
      ".pulumi/stacks/propiq-cache/native.json",
    ]) {
      await expect(stat(join(project.root, ".propiq", gone)), gone).rejects.toThrow("ENOENT");
    }
    const again = await project.run(["dev", "--down"]);
    expect(again.code, again.all).toBe(0);
  });
});
