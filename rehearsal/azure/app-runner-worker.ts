/** One worker of an App Service: a real process of the app, with the settings of its site as its environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports.ts";

/** What a worker runs: a file or code by this Node, or a command line of the team's. */
export type Program = { file: string } | { code: string } | TeamCommand;

/** A team's own app. It runs where its team runs it, so it has the environment of their shell. */
export interface TeamCommand {
  /** For `sh`, which sees `PORT`. */
  line: string;
  cwd: string;
  env: Readonly<Record<string, string>>;
}

export interface WorkerOptions {
  program: Program;
  /** Settings of the site, Key Vault references already resolved. */
  settings: Readonly<Record<string, string>>;
  /** What the platform adds, and what wins over a setting of the same name. */
  platform: Readonly<Record<string, string>>;
}

export interface Worker {
  pid: number;
  port: number;
  settings: Readonly<Record<string, string>>;
  /** Answers any HTTP request, whatever the status: then App Service counts it as started. False: it ended first. */
  ready: Promise<boolean>;
  ended: Promise<void>;
  alive(): boolean;
  /** What it printed last, for messages. */
  output(): string;
  /**
   * @param how politely first, as the platform does (WEBSITES_CONTAINER_STOP_TIME_LIMIT is 5 s), or at once
   */
  stop(how: "politely" | "at once"): Promise<void>;
}

/** App Service pings this path when it starts a worker; no app needs to know it. */
const WARM_UP_PATH = "/robots933456.txt";
const STOP_LIMIT_MS = 5_000;
const PING_MS = 25;
const OUTPUT_LINES = 40;

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const port = await freePort();
  const { file, args, cwd, env } = startOf(options.program);
  const child = spawn(file, args, {
    cwd,
    env: {
      ...env,
      ...options.settings,
      ...options.platform,
      PORT: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A shell does not hand signals on: its group gets them.
    detached: "line" in options.program,
  });
  const signal = (name: NodeJS.Signals) => {
    try {
      if ("line" in options.program && child.pid !== undefined) process.kill(-child.pid, name);
      else child.kill(name);
    } catch {
      // It has ended by itself.
    }
  };
  const lines = collect(child);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  const alive = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined;
  return {
    pid: child.pid ?? 0,
    port,
    settings: options.settings,
    ready: untilReady(port, alive),
    ended,
    alive,
    output: () => lines.join("\n"),
    async stop(how) {
      if (!alive()) return;
      signal(how === "politely" ? "SIGTERM" : "SIGKILL");
      const late = setTimeout(() => signal("SIGKILL"), STOP_LIMIT_MS);
      await ended;
      clearTimeout(late);
      // A shell may end before what it started.
      if ("line" in options.program) signal("SIGKILL");
    },
  };
}

function startOf(program: Program) {
  if ("line" in program) {
    return { file: "/bin/sh", args: ["-c", program.line], cwd: program.cwd, env: program.env };
  }
  // Only PATH: an app sees its settings and its platform.
  const env = process.env["PATH"] === undefined ? {} : { PATH: process.env["PATH"] };
  const args = "file" in program ? [program.file] : ["--eval", program.code];
  return { file: process.execPath, args, cwd: tmpdir(), env };
}

function collect(child: ChildProcess): string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      lines.push(...text.trimEnd().split("\n"));
      lines.splice(0, lines.length - OUTPUT_LINES);
    });
  }
  return lines;
}

async function untilReady(port: number, alive: () => boolean): Promise<boolean> {
  while (alive()) {
    if (await answers(port)) return alive();
    await sleep(PING_MS);
  }
  return false;
}

async function answers(port: number): Promise<boolean> {
  const ping = request({ host: "127.0.0.1", port, path: WARM_UP_PATH, agent: false, timeout: 1_000 });
  ping.on("timeout", () => ping.destroy());
  ping.end();
  try {
    const [response] = await once(ping, "response");
    response.resume();
    return true;
  } catch {
    return false;
  }
}
