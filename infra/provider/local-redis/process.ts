/** One redis-server of this machine, distinguished from every other by its folder: config, pid, log. */

import { spawn } from "node:child_process";
import { mkdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { advice } from "../../../base/advice.ts";
import { program } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { runningProcesses } from "../../../toolchain/processes.ts";
import { ask } from "./ask.ts";

const HOST = "127.0.0.1";
const POLL_MS = 20;
const START_MS = 10_000;
const STOP_MS = 3_000;

export interface ServerConfig {
  port: number;
  maxMemoryMb: number;
  /** Of letters, digits, `-` and `_`. Absent: the server takes every program of this machine. */
  password?: string | undefined;
}

/** A server that answers. */
export interface RunningServer {
  pid: number;
  /** Differs at each start. */
  runId: string;
  version: string;
  maxMemoryMb: number;
}

/** What redis.conf says: a cache that forgets the least used, keeps nothing on disk and talks to this machine only. */
export function configText({ port, maxMemoryMb, password }: ServerConfig, folder: string): string {
  return `${[
    `bind ${HOST}`,
    `port ${port}`,
    "protected-mode yes",
    "daemonize yes",
    // Keeps the path of this file in the process list: how a server that no longer answers is known to be ours.
    "set-proc-title no",
    `dir "${folder}"`,
    `pidfile "${join(folder, "redis.pid")}"`,
    `logfile "${join(folder, "redis.log")}"`,
    `maxmemory ${maxMemoryMb}mb`,
    "maxmemory-policy allkeys-lru",
    'save ""',
    "appendonly no",
    // In this file, which its owner alone can read: arguments show in the list of processes.
    ...(password === undefined ? [] : [`requirepass "${password}"`]),
  ].join("\n")}\n`;
}

/**
 * Starts the server of a folder as a daemon: a session of its own, no inherited files, none of our environment.
 * @returns once it answers
 * @throws PropiqError with the last lines of its log
 */
export async function startServer(
  bin: string,
  folder: string,
  config: ServerConfig,
  signal: AbortSignal,
): Promise<RunningServer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Redis rewrites nothing here; real paths, because it compares them in messages and we do in the process list.
  const home = await realpath(folder);
  const file = join(home, "redis.conf");
  await rm(join(home, "redis.log"), { force: true });
  await writeFile(file, configText(config, home), { mode: 0o600 });
  signal.throwIfAborted();
  const refused = await run(bin, file);
  const deadline = performance.now() + START_MS;
  while (refused === undefined && performance.now() < deadline) {
    const server = await findServer(home, config.port);
    if (server !== undefined) return server;
    if ((await logOf(home)).includes("Failed listening on port")) break;
    await sleep(POLL_MS);
  }
  const log = refused ?? (await logOf(home));
  throw new PropiqError(`redis-server did not start on ${HOST}:${config.port}. It said: ${lastLines(log)}`, {
    code: "SERVER_DID_NOT_START",
    next: advice("Try it by hand.", program(bin, file, "--daemonize", "no", "--logfile", "")),
  });
}

/** Runs the server until it has put itself in the background. @returns what it printed when it refused to */
function run(bin: string, file: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(bin, [file], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" },
      cwd: "/",
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        printed += chunk.toString("utf8");
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0 ? undefined : printed));
  });
}

async function logOf(folder: string): Promise<string> {
  return await readFile(join(folder, "redis.log"), "utf8").catch(() => "");
}

function lastLines(log: string): string {
  const lines = log.trim().split("\n").slice(-3);
  return lines.join(" / ").slice(0, 400) || "nothing";
}

/** The server of a folder, if it runs and answers on this port. */
export async function findServer(folder: string, port: number): Promise<RunningServer | undefined> {
  const own = await pidsOf(folder);
  if (own.length === 0) return undefined;
  const password = await passwordOf(folder);
  const info = await ask({ port, password }, "INFO").catch(() => undefined);
  const fields = new Map(
    (info && "text" in info ? info.text : "")
      .split("\r\n")
      .map((line) => line.split(":", 2) as [string, string]),
  );
  const pid = Number(fields.get("process_id"));
  if (!own.includes(pid)) return undefined;
  return {
    pid,
    runId: fields.get("run_id") ?? "",
    version: fields.get("redis_version") ?? "",
    maxMemoryMb: Math.round(Number(fields.get("maxmemory") ?? 0) / 1024 / 1024),
  };
}

/**
 * Changes the limit and the password of a running server, now and for its next start. Killed half-way, the server and its
 * file have two passwords: then it counts as dead, and the next update starts another one in its place.
 */
export async function reconfigureServer(folder: string, config: ServerConfig): Promise<void> {
  const { port, maxMemoryMb } = config;
  const password = await passwordOf(folder);
  const set = (key: string, value: string) => ask({ port, password }, "CONFIG", "SET", key, value);
  await set("maxmemory", `${maxMemoryMb}mb`);
  if (password !== config.password) await set("requirepass", config.password ?? "");
  const home = await realpath(folder);
  await writeFile(join(home, "redis.conf"), configText(config, home), { mode: 0o600 });
}

/** The password that the server of a folder was given; undefined where it has none. */
async function passwordOf(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, "redis.conf"), "utf8").catch(() => "");
  return /^requirepass "([^"]*)"$/m.exec(text)?.[1];
}

/** Ends the server of a folder, answering or not, and removes the folder. */
export async function stopServer(folder: string): Promise<void> {
  for (const pid of await pidsOf(folder)) {
    end(pid, "SIGTERM");
    if (await gone(pid, folder)) continue;
    end(pid, "SIGKILL");
    await gone(pid, folder);
  }
  await rm(folder, { recursive: true, force: true });
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/**
 * The processes that run the folder's config, by their command lines: a pid in a file may belong to another process by now,
 * or not be written yet.
 */
async function pidsOf(folder: string): Promise<number[]> {
  const home = await realpath(folder).catch(() => undefined);
  if (home === undefined) return [];
  const config = join(home, "redis.conf");
  const running = await runningProcesses();
  return running.filter(({ command }) => runsConfig(command, config)).map(({ pid }) => pid);
}

/** A server and nothing else: not an editor that has the file open, nor one whose path merely ends like ours. */
function runsConfig(command: string, config: string): boolean {
  const [program = "", rest = ""] = [command.split(" ", 1)[0], command.slice(command.indexOf(" ") + 1)];
  return /(^|\/)(redis|valkey)-server$/.test(program) && rest.trimEnd() === config;
}

async function gone(pid: number, folder: string): Promise<boolean> {
  const deadline = performance.now() + STOP_MS;
  while (performance.now() < deadline) {
    if (!(await pidsOf(folder)).includes(pid)) return true;
    await sleep(POLL_MS);
  }
  return false;
}
