// @module-tag pipeline
/** `drill` as it is typed: what it refuses, and what it leaves behind. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { freePort } from "../../../rehearsal/ports.ts";
import { runCli } from "../../support/cli.ts";
import { descendantsOf, isRunning } from "../../support/processes.ts";

const SOUND = join(PROJECT_ROOT, "test", "rehearsal", "drill", "apps", "sound.js");
const LAUNCHER = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "drill-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("drill refuses, in words and with exit code 2,", () => {
  it.each<[string, string[], RegExp]>([
    ["no command", [], /missing required argument 'command'/],
    [
      "an unknown fault",
      ["--faults", "hagn", "--", "node"],
      /Unknown fault: hagn\. Did you mean hang\?\nFaults: down,/,
    ],
    ["an empty list of faults", ["--faults", "", "--", "node"], /Unknown fault: \(empty\)/],
    ["an address that is none", ["--request", "users", "--", "node"], /need a URL, or a path/],
    [
      "a password in an address",
      ["--health", "http://u:hunter2@h/", "--", "node"],
      /must not hold a password/,
    ],
    ["a time that is none", ["--fault-seconds", "soon", "--", "node"], /must be a number/],
    ["an env file that is not there", ["--env-file", "/nowhere/.env", "--", "node"], /could not be read/],
    ["a report without a file", ["--report", "json", "--", "node"], /needs a format and a file/],
    ["a program that is not there", ["--", "no-such-program"], /no-such-program was not found/],
  ])("%s", async (_, words, message) => {
    const run = await runCli(["drill", ...words]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/hunter2|^\s+at /m);
    expect(run.stderr).toMatch(/^Code: [A-Z_]+$/m);
    expect([run.code, run.stdout]).toEqual([2, ""]);
  });

  it("an app that ends at its start, with its last lines", async () => {
    const run = await runCli(["drill", "--", "sh", "-c", "echo no config >&2; exit 3"], {
      env: { PORT: String(await freePort()) },
    });
    expect(run.stderr).toContain(
      "The app ended before it answered (exit code 3).\nIts last lines:\n  no config",
    );
    expect(run.code).toBe(2);
  });

  it("a port that another process has", async () => {
    const server = createServer((_, response) => response.end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const run = await runCli(["drill", "--", process.execPath, SOUND], { env: { PORT: String(port) } });
    server.close();
    expect(run.stderr).toContain(`Port ${port} is in use by another process`);
    expect(run.code).toBe(2);
  });
});

it("gives the app its arguments as they are, the env file's lines, and a port to choose", async () => {
  const [app, envFile, seen] = ["app.mjs", ".env", "seen.json"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(envFile, "GREETING=hello\nREDIS_URL=redis://real.example:6379\n");
  await writeFile(
    app,
    `import { writeFileSync } from "node:fs";
     import { createServer } from "node:http";
     const { GREETING, REDIS_URL } = process.env;
     writeFileSync(${JSON.stringify(seen)}, JSON.stringify({ args: process.argv.slice(2), GREETING, REDIS_URL }));
     const server = createServer((_, response) => response.end());
     server.listen(0, "127.0.0.1", () => console.log("Listening on port " + server.address().port));`,
  );
  const words = ["--faults", "drop", "--", "-x", "--flag=1"];
  const run = await runCli(["drill", "--env-file", envFile, "--", process.execPath, app, ...words]);
  const { args, GREETING, REDIS_URL } = JSON.parse(await readFile(seen, "utf8"));
  expect(args).toEqual(words);
  expect(GREETING).toBe("hello");
  expect(REDIS_URL).toMatch(/^redis:\/\/:[\w-]+@127\.0\.0\.1:\d+\/0$/);
  // It was found by what it printed; it only never spoke to Redis.
  expect(run.stderr).toContain("The app sent no command to Redis");
});

it("writes its reports to files, the secrets of the environment in none of them", async () => {
  const [json, junit] = [join(folder, "drill.json"), join(folder, "drill.xml")];
  const reports = ["--report", `json=${json}`, "--report", `junit=${junit}`];
  const limits = ["--faults", "drop", "--fault-seconds", "1"];
  const run = await runCli(["drill", ...limits, ...reports, "--", process.execPath, SOUND, "hunter22"], {
    env: { PORT: String(await freePort()), API_TOKEN: "hunter22" },
  });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("✓ passed");
  expect(JSON.parse(await readFile(json, "utf8"))).toMatchObject({ schema: 1, verdict: "passed" });
  expect(await readFile(junit, "utf8")).toContain('<testcase name="drop"');
  expect(run.stdout + (await readFile(json, "utf8"))).not.toContain("hunter22");
});

describe("an interrupted drill leaves no process and no file:", () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 130],
    ["SIGKILL", null],
  ] as const)("%s", async (signal, code) => {
    const words = [
      "drill",
      "--faults",
      "hang",
      "--fault-seconds",
      "60",
      "--",
      "sh",
      "-c",
      `node ${SOUND}; true`,
    ];
    const temporary = await mkdtemp(join(folder, "temporary-"));
    const cli = spawn(process.execPath, ["--", LAUNCHER, ...words], {
      env: { PATH: process.env["PATH"], PORT: String(await freePort()), TMPDIR: temporary },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    await new Promise<void>((resolve) => {
      cli.stderr.on("data", (chunk: Buffer) => {
        said += chunk;
        if (said.includes("hang (1 of 1)")) resolve();
      });
    });
    const children = await descendantsOf(cli.pid ?? 0);
    const commands = children.map(({ command }) => command).join("\n");
    for (const part of ["redis-server", "sound.js"]) expect(commands).toContain(part);
    expect(await readdir(temporary)).toHaveLength(1);
    const ended = once(cli, "exit");
    cli.kill(signal);
    expect((await ended)[0]).toBe(code);
    await expect.poll(() => children.filter(({ pid }) => isRunning(pid))).toEqual([]);
    await expect.poll(() => readdir(temporary)).toEqual([]);
  });
});
