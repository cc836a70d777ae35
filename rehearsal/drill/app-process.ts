/** The app under drill: one process with all that it starts, which never outlives this one. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { startGuard } from "../../toolchain/child.ts";
import { printedOrigins } from "./printed-address.ts";

export interface AppEnd {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** On the clock of `performance.now()`. */
  atMs: number;
}

/** Lines of output that are kept. */
const KEPT_LINES = 30;
/** What an app gets to end by itself. */
const GRACE_MS = 2000;
const POSIX = process.platform !== "win32";

export class AppProcess {
  readonly pid: number;
  /** Resolves when the process no longer exists. */
  readonly ended: Promise<AppEnd>;
  /** When it has ended. */
  end: AppEnd | undefined;
  /** The last lines of its output. */
  readonly lines: string[] = [];
  /** Where it says that it listens. */
  readonly origins: string[] = [];
  readonly #child: ChildProcess;
  readonly #kill: () => void;

  private constructor(child: ChildProcess, kill: () => void, release: () => void) {
    this.#child = child;
    this.#kill = kill;
    this.pid = child.pid ?? 0;
    this.ended = new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        release();
        this.end = { code, signal, atMs: performance.now() };
        resolve(this.end);
      });
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => this.#hear(line));
    }
  }

  /** @throws PropiqError when there is no such program */
  static async start(command: readonly string[], env: NodeJS.ProcessEnv): Promise<AppProcess> {
    const [program = "", ...args] = command;
    const guard = startGuard();
    const child = spawn(program, args, {
      env,
      detached: POSIX,
      windowsHide: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    guard.watch(child);
    const app = new AppProcess(
      child,
      () => guard.kill(child),
      () => guard.release(),
    );
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", (error: NodeJS.ErrnoException) => {
        guard.release();
        reject(notStarted(program, error));
      });
    });
    return app;
  }

  /** Ends it, and all that it started. */
  async stop(): Promise<void> {
    this.#signalGroup("SIGTERM");
    const timer = new AbortController();
    const grace = sleep(GRACE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([this.ended, grace]);
    timer.abort();
    // Processes in groups of their own are found by their parent, so only while that one lives.
    if (this.end === undefined) this.#kill();
    await this.ended;
    this.#signalGroup("SIGKILL");
    // A grandchild in a session of its own may hold the pipes open.
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  #hear(line: string): void {
    this.lines.push(line);
    if (this.lines.length > KEPT_LINES) this.lines.shift();
    for (const origin of printedOrigins(line)) if (!this.origins.includes(origin)) this.origins.push(origin);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    try {
      if (POSIX) process.kill(-this.pid, signal);
      else this.#child.kill(signal);
    } catch {
      // All of them have ended.
    }
  }
}

function notStarted(program: string, error: NodeJS.ErrnoException): PropiqError {
  const why = error.code === "ENOENT" ? "was not found" : `could not be started (${error.code})`;
  return new PropiqError(`The command ${program} ${why}.`, {
    code: "APP_DID_NOT_START",
    next: advice(
      "Write the command of the app after --, as you type it in a shell.",
      propiq("drill", "--", "node", "server.js"),
    ),
    cause: error,
  });
}
