/**
 * Child processes that do not outlive us: not even when we are ended by SIGKILL, which no handler sees.
 *
 * Each child leads a session of its own, so that signals reach it through us alone and exactly once: a terminal's
 * Ctrl-C reaches us and npm, which passes it to us again. It can still read a terminal that it inherits: job
 * control only stops the readers of the terminal's own session.
 */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { screenOutput } from "../base/safe-text.ts";

export interface ChildOptions {
  /** The whole environment; ours when absent. */
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /**
   * `inherit`: the terminal is the child's. `overhear`: the same, and what it says on standard error is returned as
   * well. `screen`: the same, but its output reaches ours without what a pipeline would obey. `capture`: what it prints
   * is returned and handed to `onLine`; its standard input is empty, or `input`.
   */
  stdio: "inherit" | "overhear" | "screen" | "capture";
  input?: string;
  onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Aborting kills the child and all of its own. */
  signal?: AbortSignal;
  timeoutMs?: number;
  /**
   * It runs to its end whatever happens to us, since half of its work would be worse than all: for package managers.
   * Excludes `signal` and `timeoutMs`.
   */
  finish?: boolean;
}

export interface ChildEnd {
  /** Exit code; null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why it was ended before its time: by `timeoutMs`, by `signal`, or by a signal to us that it was given. */
  cut?: "timeout" | "abort" | "SIGINT" | "SIGTERM" | "SIGHUP";
  stdout: string;
  stderr: string;
}

const STREAMS: Readonly<Record<ChildOptions["stdio"], (input: "ignore" | "pipe") => StdioOptions>> = {
  inherit: () => "inherit",
  overhear: () => ["inherit", "inherit", "pipe"],
  screen: () => ["inherit", "pipe", "pipe"],
  capture: (input) => [input, "pipe", "pipe"],
};

const WATCHDOG = join(import.meta.dirname, "watchdog.sh");
const POSIX = process.platform !== "win32";

/** Two of the same signal within this time are one wish: npm repeats the terminal's. A person is slower. */
const SAME_SIGNAL_MS = 300;

/**
 * Runs a program to its end.
 *
 * @throws the error of `spawn` (ENOENT, EACCES, …) when it could not be started
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildEnd> {
  options.signal?.throwIfAborted();
  const guard = options.finish ? NO_GUARD : startGuard();
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: POSIX,
    windowsHide: true,
    stdio: STREAMS[options.stdio](options.input === undefined ? "ignore" : "pipe"),
  });
  guard.watch(child);
  if (options.stdio === "overhear" || options.stdio === "screen") handOn(child.stderr, process.stderr);
  if (options.stdio === "screen") handOn(child.stdout, process.stdout);

  let cut: ChildEnd["cut"];
  const kill = (reason: "timeout" | "abort") => {
    cut ??= reason;
    guard.kill(child);
  };
  const onAbort = () => kill("abort");
  options.signal?.addEventListener("abort", onAbort);
  const timer =
    options.timeoutMs === undefined ? undefined : setTimeout(() => kill("timeout"), options.timeoutMs);
  const stopForwarding = forwardSignals(options.finish ? undefined : child, (signal) => {
    cut ??= signal;
  });

  // A child that ends without reading its input is not an error of ours.
  child.stdin?.on("error", () => {}).end(options.input);
  const stdout = collect(child.stdout, (line) => options.onLine?.(line, "stdout"));
  const stderr = collect(child.stderr, (line) => options.onLine?.(line, "stderr"));
  try {
    const { code, signal } = await ended(child, () => guard.release());
    return {
      code,
      signal,
      ...(cut === undefined ? {} : { cut }),
      stdout: stdout.text,
      stderr: stderr.text,
    };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
    stopForwarding();
    guard.release();
  }
}

/** @param onExit called at once when the process no longer exists, also while something still holds its output open */
function ended(
  child: ChildProcess,
  onExit: () => void,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", onExit);
    child.on("close", (code, signal) => resolve({ code, signal }));
  });
}

/** A reader that closes the pipe ends no child in the middle of its work. A terminal shows lines as they come. */
function handOn(stream: Readable | null, ours: NodeJS.WriteStream): void {
  ours.on("error", () => {});
  if (ours.isTTY) {
    stream?.on("data", (chunk: string) => ours.write(chunk));
    return;
  }
  const screened = screenOutput((text) => ours.write(text));
  stream?.on("data", (chunk: string) => screened.add(chunk)).on("end", () => screened.end());
}

/** What a stream said so far; whole once the child is closed. */
function collect(stream: Readable | null, onLine: (line: string) => void): { text: string } {
  const collected = { text: "" };
  stream?.setEncoding("utf8").on("data", (chunk: string) => {
    collected.text += chunk;
  });
  if (stream !== null)
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
  return collected;
}

/** Ends a child together with us, however we end. */
export interface Guard {
  /** @param folder is deleted after the child was killed */
  watch(child: ChildProcess, folder?: string): void;
  /** Kills the child, its descendants and its group. */
  kill(child: ChildProcess): void;
  /** The child has ended: from now on its pid may belong to another process. */
  release(): void;
}

/** The watchdog starts before the child, so that the child is always guarded. It acts when its pipe closes. */
export function startGuard(): Guard {
  if (!POSIX) return taskkill;
  const watchdog = spawn("/bin/sh", [WATCHDOG], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog.on("error", () => {});
  watchdog.stdin.on("error", () => {});
  let biting = false;
  return {
    watch: ({ pid }, folder) => {
      if (pid !== undefined) watchdog.stdin.write(folder === undefined ? `${pid}\n` : `${pid}\n${folder}\n`);
    },
    kill: () => {
      biting = true;
      watchdog.stdin.end();
    },
    release: () => {
      // It ends by itself once it has killed all of them.
      if (!biting) watchdog.kill("SIGKILL");
    },
  };
}

const NO_GUARD: Guard = { watch: () => {}, kill: () => {}, release: () => {} };

/** Windows ends a console's processes with the console; what we end ourselves takes its tree along. */
const taskkill: Guard = {
  ...NO_GUARD,
  kill: ({ pid }) => {
    if (pid !== undefined) spawn("taskkill", ["/pid", String(pid), "/T", "/F"], { stdio: "ignore" });
  },
};

/** Hands the signals that we get to the child's group, if there is one to have them. @returns what stops it */
function forwardSignals(
  child: ChildProcess | undefined,
  onEnding: (signal: "SIGINT" | "SIGTERM" | "SIGHUP") => void,
): () => void {
  const lastMs = new Map<string, number>();
  const forward = (signal: NodeJS.Signals) => {
    // On Windows the console has already signalled the child.
    if (!POSIX || child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // It has just ended.
    }
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === "SIGINT" || signal === "SIGTERM" || signal === "SIGHUP") onEnding(signal);
    const nowMs = performance.now();
    const repeated = nowMs - (lastMs.get(signal) ?? Number.NEGATIVE_INFINITY) < SAME_SIGNAL_MS;
    lastMs.set(signal, nowMs);
    if (!repeated) forward(signal);
  };
  const signals: NodeJS.Signals[] = [
    "SIGINT",
    "SIGTERM",
    "SIGHUP",
    ...(POSIX ? (["SIGWINCH"] as const) : []),
  ];
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
