/** One worker of an App Service: a real process of the app, with the settings of its site as its environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports.ts";

export interface WorkerOptions {
  /** The app's program, run by this Node; or code that stands in for one that cannot start. */
  program: { file: string } | { code: string };
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
  const args = "file" in options.program ? [options.program.file] : ["--eval", options.program.code];
  const child = spawn(process.execPath, args, {
    cwd: tmpdir(),
    // Nothing of the tests' own environment: an app sees its settings and its platform.
    env: {
      ...(process.env["PATH"] === undefined ? {} : { PATH: process.env["PATH"] }),
      ...options.settings,
      ...options.platform,
      PORT: String(port),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
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
      child.kill(how === "politely" ? "SIGTERM" : "SIGKILL");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await ended;
      clearTimeout(late);
    },
  };
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
