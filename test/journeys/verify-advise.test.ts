/** A founder who wonders whether the cache is the right size, and what fills it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdviceReport } from "../../operations/advise/report.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { runCli } from "../support/cli.ts";
import { UNCLEAN } from "../support/hostile-texts.ts";
import { makeProject, type Project } from "../support/project.ts";

const password = `c4n/4ry+ "%&<@:#'end`;
let redis: TestRedis;
let folder: string;
let url: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "advise-"));
  redis = await startRedis({
    password,
    args: ["--maxmemory", "20mb", "--maxmemory-policy", "allkeys-lru"],
  });
  url = `redis://:${encodeURIComponent(password)}@127.0.0.1:${redis.port}/0`;
  const client = new Redis({ port: redis.port, password });
  for (let at = 0; at < 800; at++) {
    if (at % 4 === 0) await client.set(`page:${at}`, "x".repeat(4000));
    else await client.set(`session:${at}`, "x".repeat(40), "EX", 1000);
  }
  await client.set(`${password}:x`, "x");
  await client.set("\u001b[31m::error::x##[y]:z", "x");
  client.disconnect();
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});

describe("advise", () => {
  it("says what uses the memory and what never expires, with figures, and shows no secret", async () => {
    const run = await runCli(["advise", "--url", "-"], { input: `${url}\n` });
    expect([run.code, run.stderr]).toEqual([0, ""]);
    expect(run.stdout).toMatch(/^✔ fits {2}127\.0\.0\.1:\d+\n/);
    expect(run.stdout).toMatch(/202 of 802 keys, about 0\.\d MB, never go by themselves/);
    expect(run.stdout).toMatch(/^ {2}page +\d+ +9\d/m);
    expect(run.stdout).toMatch(/The cheapest cloud plan for \d+\.\d MB at most is upstash-free/);
    expect(run.stdout).not.toMatch(UNCLEAN);
    for (const form of [password, encodeURIComponent(password)]) expect(run.stdout).not.toContain(form);
  });

  it("says the same as JSON", async () => {
    const envFile = join(folder, ".env");
    await writeFile(envFile, `REDIS_URL=${url}\n`);
    const run = await runCli(["advise", "--env-file", envFile, "--format", "json", "--keys", "10000"]);
    const report = JSON.parse(run.stdout) as AdviceReport;
    expect(report).toMatchObject({
      ...{ schema: 1, size: "fits", endpoint: `127.0.0.1:${redis.port}`, monthlyUsd: null },
      figures: { keys: 802, keysWithoutTtl: 202, limitMb: 20 },
      sample: { keys: 802, complete: true, refused: [] },
    });
    expect(report.namespaces[0]).toMatchObject({ name: "page", keys: 200, withoutTtl: 200 });
    expect(report.advice.map(({ code }) => code)).toEqual(["CHEAPEST_PLAN", "KEYS_WITHOUT_TTL"]);
    expect(run.stdout).not.toContain(JSON.stringify(password).slice(1, -1));
  });

  it.each([
    [{ REDIS_PORT: "1" }, [], /TCP_REFUSED[\s\S]*\.\/propiq-cache verify/],
    [{ REDIS_PASSWORD: "wrong-0815" }, [], /AUTH_WRONG/],
    [{ REDIS_HOST: "" }, [], /neither REDIS_URL nor REDIS_HOST/],
    [{ REDIS_ENABLED: "false", REDIS_HOST: "" }, [], /is disabled/],
    [{}, ["--url", "-", "--env-file", ".env"], /--url and --env-file cannot go together/],
    [{}, ["--keys", "0"], /from 1 to 10000/],
  ])("exits with 2 and a next step where it cannot ask: %j %j", async (change, words, message) => {
    const env = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port), REDIS_PASSWORD: password };
    const run = await runCli(["advise", ...words], { env: { ...env, ...change } });
    expect([run.code, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/^\s+at |wrong-0815/m);
  });
});

describe("advise for a stack that is too small", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
  });
  afterAll(() => project.remove());

  it("reports the figure and the command that fixes it, and the command works", async () => {
    const port = await freePort();
    await project.run(["pulumi", "config", "set", "port", String(port), "--stack", "native"]);
    await project.run(["pulumi", "config", "set", "maxMemoryMb", "3", "--stack", "native"]);
    const up = await project.run(["dev"]);
    expect(up.code, up.all).toBe(0);
    const client = new Redis({ port });
    for (let at = 0; at < 400; at++) await client.set(`page:${at}`, "x".repeat(4000));
    client.disconnect();
    const small = await project.run(["advise", "--stack", "native"]);
    expect(small.code, small.all).toBe(0);
    expect(small.stdout).toMatch(/^! too small .*stack native, plan native, \$0\.00 a month/);
    const command = /\.\/propiq-cache (pulumi config set maxMemoryMb 50 --stack native)/.exec(small.stdout);
    expect(command, small.stdout).not.toBeNull();
    await project.run(command?.[1]?.split(" ") ?? []);
    await project.run(["dev"]);
    expect((await project.run(["advise", "--stack", "native"])).stdout).toMatch(/^✔ fits/);
  });
});
