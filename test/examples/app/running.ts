/** The example app as a process of its own, as a host runs it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import type { CacheHealth } from "../../../examples/app/cache/cache.ts";
import { freePort } from "../../../rehearsal/ports.ts";
import { until } from "./kit.ts";

const SERVER = join(PROJECT_ROOT, "examples", "app", "server.ts");

export interface RunningApp extends AsyncDisposable {
  url: string;
  pid: number;
  health(): Promise<{ status: string; cache: CacheHealth; database: { calls: number } }>;
  /** @returns milliseconds until it has, or has no longer, a connection to its cache */
  untilConnected(connected?: boolean): Promise<number>;
  /** Asks it to end. @returns its exit code */
  end(): Promise<number | null>;
}

/** @param settings all that it finds in its environment, in addition to where to listen */
export async function startApp(settings: Readonly<Record<string, string>>): Promise<RunningApp> {
  const port = await freePort();
  const env = { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: String(port), ...settings };
  const app = spawn(process.execPath, [SERVER], { env, stdio: ["ignore", "pipe", "inherit"] });
  await listening(app);
  return runningApp(app, `http://127.0.0.1:${port}`);
}

/** @param app a process that answers at `url` */
export function runningApp(app: ChildProcess, url: string): RunningApp {
  const health = async () =>
    (await (await fetch(`${url}/health`)).json()) as Awaited<ReturnType<RunningApp["health"]>>;
  const end = async () => {
    if (app.exitCode !== null || app.signalCode !== null) return app.exitCode;
    const ended = once(app, "exit");
    app.kill("SIGTERM");
    await ended;
    return app.exitCode;
  };
  return {
    url,
    pid: app.pid ?? 0,
    health,
    end,
    untilConnected: (wanted = true) =>
      until(`cache.connected is ${wanted}`, async () => (await health()).cache.connected === wanted),
    async [Symbol.asyncDispose]() {
      await end();
    },
  };
}

async function listening(app: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  app.on("error", reject);
  app.on("exit", (code) => reject(new Error(`the app ended with ${code}`)));
  if (app.stdout !== null) {
    createInterface({ input: app.stdout }).on("line", (line) => line.startsWith("Listening") && resolve());
  }
  await promise;
}
