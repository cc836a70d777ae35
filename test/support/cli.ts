/** The command line as a whole process, from its start to its exit, in the project's own tree. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";

export interface CliRun {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** From start to exit, in milliseconds. */
  tookMs: number;
}

export interface CliOptions {
  /** Over an environment that holds no settings of a cache. */
  env?: Readonly<Record<string, string>>;
  input?: string;
  /** Put before the command line: a program that runs it in other surroundings. */
  within?: readonly string[];
}

// After "--": Node would take our own --env-file for one of its options.
const LAUNCHER = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");
/** Nothing of a developer's shell may change what a test means. */
const KEPT = ["PATH", "HOME", "TMPDIR", "LANG"];

export async function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const kept = KEPT.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const [program = "", ...args] = [...(options.within ?? []), process.execPath, "--", LAUNCHER, ...words];
  const startedAt = performance.now();
  const child = spawn(program, args, {
    env: { ...Object.fromEntries(kept), NO_COLOR: "1", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (chunk: string) => {
      said[stream] += chunk;
    });
  }
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  return await new Promise((resolve, reject) => {
    let tookMs = 0;
    child.on("error", reject);
    child.on("exit", () => {
      tookMs = performance.now() - startedAt;
    });
    child.on("close", (code, signal) => resolve({ ...said, code, signal, tookMs }));
  });
}
