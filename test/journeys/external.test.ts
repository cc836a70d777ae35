/** A team with a Redis of its own: proven and wired, never touched, its password nowhere in the plain. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { STORY } from "../support/parts.ts";
import { makeProject, type Project } from "../support/project.ts";

// Every character that some encoding changes.
const password = `c4n/4ry+ "%&<@:#'end`;
const forms = [
  password,
  encodeURIComponent(password),
  Buffer.from(password).toString("base64").slice(0, 20),
  JSON.stringify(password).slice(1, -1),
];

let project: Project;
let redis: TestRedis;
beforeAll(async () => {
  project = await makeProject();
  redis = await startRedis({ password });
  await project.configure("dev", { plan: "external" });
  await project.run(["pulumi", "config", "set", "--secret", "url", "--stack", "dev"], {
    input: `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/0`,
  });
});
afterAll(async () => {
  await project.remove();
  await redis.stop();
});

describe("a Redis that exists already", STORY, () => {
  it("is proven and wired, and its password shows nowhere on the way", async () => {
    const up = await project.run(["dev"]);
    expect(up.code, up.all).toBe(0);
    expect(up.stdout).toContain("healthy");
    // No quoted form is common to all readers of env files: the URL carries such a password.
    expect(parseEnv(await project.read(".env"))["REDIS_PASSWORD"]).toBe("");
    const state = await project.state("dev");
    for (const form of forms) {
      expect(up.all).not.toContain(form);
      expect(state).not.toContain(form);
    }
  });

  it("is judged by what the stack expects and knows of it", async () => {
    const client = new Redis({ port: redis.port, password });
    await client.set("there", "1", "EX", 1000);
    // 60% hits, which is acceptable by default.
    for (let count = 0; count < 300; count++) await client.get(count % 5 < 3 ? "there" : "missing");
    client.disconnect();
    await project.configure("dev", {
      expect: '{"hitRateMin":0.8,"hitRateGood":0.9}',
      external: '{"memoryMb":1,"maxConnections":2}',
    });
    expect((await project.run(["dev"])).code).toBe(0);
    const verify = await project.run(["verify", "--stack", "dev", "--fail-on", "warn"]);
    expect(verify.code, verify.all).toBe(1);
    expect(verify.stdout).toMatch(/HIT_RATE_LOW: .*expected: 80% or more/);
    expect(verify.stdout).toMatch(/MEMORY_HIGH: [\d.]+ MB of 1\.0 MB/);
    const advise = await project.run(["advise", "--stack", "dev"]);
    expect(advise.stdout).toMatch(/memory: [\d.]+ MB of 1\.0 MB/);
    expect(advise.stdout).toMatch(/1 connection of 2\b/);
    await project.configure("dev", { expect: undefined, external: undefined });
  });

  it("is checked by its URL on standard input; a password on the command line is refused and not repeated", async () => {
    const url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/0`;
    const good = await project.run(["verify", "--url", "-"], { input: `${url}\n` });
    expect(good.code, good.all).toBe(0);
    const refused = await project.run(["verify", "--url", url]);
    expect(refused.code).toBe(2);
    expect(refused.all).toContain("--url -");
    for (const form of forms) expect(good.all + refused.all).not.toContain(form);
  });

  it("is checked by the environment, and a wrong password is reported without any password", async () => {
    const folder = await mkdtemp(join(tmpdir(), "propiq-report-"));
    const env = {
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(redis.port),
      REDIS_PASSWORD: `${password}-wrong`,
    };
    const file = join(folder, "report.json");
    const wrong = await project.run(["verify", "--report", `json=${file}`], { env });
    expect(wrong.code).toBe(1);
    expect(wrong.all).toContain("AUTH_WRONG");
    const report = await readFile(file, "utf8");
    expect(JSON.parse(report)).toMatchObject({ verdict: "failed" });
    for (const form of forms) expect(wrong.all + report).not.toContain(form);
    await rm(folder, { recursive: true });
  });

  it("stops the update when it does not work, before the settings are written", async () => {
    await project.run(["dev", "--down"]);
    await project.configure("dev", { plan: "external" });
    await project.run(["pulumi", "config", "set", "--secret", "url", "--stack", "dev"], {
      input: `redis://:wrong@127.0.0.1:${redis.port}/0`,
    });
    const up = await project.run(["dev"]);
    expect(up.code).toBe(2);
    expect(up.all).toContain("AUTH_WRONG");
    await expect(project.read(".env")).rejects.toThrow("ENOENT");
  });

  it("needs no proof when the cache is disabled", async () => {
    await project.configure("dev", { enabled: "false" });
    const up = await project.run(["dev"]);
    expect(up.code, up.all).toBe(0);
    expect(parseEnv(await project.read(".env"))["REDIS_ENABLED"]).toBe("false");
    expect((await project.run(["verify", "--env-file", ".env"])).code).toBe(0);
  });
});
