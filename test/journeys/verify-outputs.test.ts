/** Where a report goes, and what becomes of it when a user stops it or there is no room. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { startProxy } from "../../rehearsal/fault-proxy.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { runCli } from "../support/cli.ts";

let redis: TestRedis;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), "verify-outputs-"));
  env = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port) };
});
afterAll(async () => {
  await redis.stop();
  await rm(folder, { recursive: true });
});
const inShell = (script: string) => ["sh", "-c", script, "sh"];

it("a file that cannot be written keeps neither the other reports nor the history from being written", async () => {
  const [good, history] = [join(folder, "good.xml"), join(folder, "history.jsonl")];
  const bad = ["json", "html"].flatMap((format) => ["--report", `${format}=${folder}/nowhere/${format}`]);
  const run = await runCli(["verify", ...bad, "--report", `junit=${good}`, "--history", history], { env });
  expect(run.code).toBe(2);
  expect(run.stdout).toMatch(/^✔ healthy/);
  expect(run.stderr).toMatch(/nowhere\/json: its folder does not exist\.\n.*nowhere\/html: its folder/);
  expect(await readFile(good, "utf8")).toContain("<testsuites>");
  expect((await readFile(history, "utf8")).trim().split("\n")).toHaveLength(1);
});

it("a reader that closes the pipe is not a fault, and the exit code remains that of the report", async () => {
  const gone = inShell('{ "$@"; echo "ended with $?" >&2; } | true');
  const run = await runCli(["verify", "--samples", "50"], { env, within: gone });
  expect(run.stderr).toBe("ended with 0\n");
});

it.skipIf(!existsSync("/dev/full"))(
  "a disk without room is told in a line, and ends with 2, for every command",
  async () => {
    const full = inShell('"$@" > /dev/full');
    for (const words of [["verify"], ["--help"]]) {
      const run = await runCli(words, { env, within: full });
      expect([run.code, run.stderr], words.join(" ")).toEqual([
        2,
        "\nThe output could not be written: ENOSPC\n",
      ]);
    }
  },
);

it("a Ctrl-C ends with 130, in words, and leaves no key", async () => {
  // Silent from the first PING on: the check is then in the midst of its work.
  const proxy = await startProxy({
    to: redis.port,
    reply: (bytes, index) => (index < 2 ? bytes : "hang"),
  });
  const launcher = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");
  const words = ["--", launcher, "verify", "--deadline", "60"];
  const at = { ...env, REDIS_PORT: String(proxy.port) };
  const child = spawn(process.execPath, words, { env: { PATH: process.env["PATH"], ...at } });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      said[stream] += chunk.toString();
    });
  await expect.poll(() => proxy.requests.length, { timeout: 10_000 }).toBe(3);
  child.kill("SIGINT");
  const [code] = (await once(child, "close")) as [number | null];
  await proxy.stop();
  expect({ code, ...said }).toMatchObject({
    ...{ code: 130, stdout: "" },
    stderr: expect.stringMatching(/^\nInterrupted: there is no report\.\n/),
  });
  expect(await redis.call("KEYS", "*")).toEqual([]);
});

it.each([
  ["", /^\nThere is no URL on standard input\.\n.*--url -/],
  ["\n", /There is no URL on standard input/],
  ["redis:///run/redis.sock", /must name a host/],
  ["unix:///run/redis.sock", /must start with redis:/],
])("%j on standard input is not a URL", async (input, message) => {
  const run = await runCli(["verify", "--url", "-"], { env, input });
  expect([run.code, run.stdout]).toEqual([2, ""]);
  expect(run.stderr).toMatch(message);
});

it("a URL is taken from standard input with whatever ends its line, and its words in capitals", async () => {
  const run = await runCli(["verify", "--url", "-"], { input: ` REDIS://127.0.0.1:${redis.port}/0 \r\n` });
  expect(run.code, run.stderr).toBe(0);
});
