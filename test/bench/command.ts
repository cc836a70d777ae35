/** Runs a program to its end and takes the time, from its start to its exit. */
import { spawn } from "node:child_process";
import { CannotMeasure, type Timed } from "./row.ts";

export interface Command {
  /** The program, then its arguments. */
  words: readonly [string, ...string[]];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

const running = new Set<number>();

/** Ends what still runs, with all that it started: for an interrupted bench. */
export function endCommands(): void {
  for (const pid of running) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
}

/**
 * @param wanted the exit code of a program that does what it should
 * @returns what does it once; it throws CannotMeasure when the program ends with another
 */
export function timed(command: Command, wanted = 0): Timed {
  return async (onStart) => {
    const { ms, code, said } = await run(command, onStart);
    if (code === wanted) return ms;
    const line = command.words.join(" ");
    throw new CannotMeasure(`\`${line}\` ended with ${code ?? "a signal"}:\n${said.trim().slice(-2000)}`, {
      hint: "Fix that, then run again: npm run bench",
    });
  };
}

async function run(
  { words: [program, ...args], cwd, env }: Command,
  onStart: (pid: number) => void,
): Promise<{ ms: number; code: number | null; said: string }> {
  const startMs = performance.now();
  // A group of its own: a terminal's Ctrl-C is for the bench, which then clears up.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid !== undefined) {
    running.add(pid);
    onStart(pid);
  }
  let said = "";
  let endMs = startMs;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  child.on("exit", () => {
    endMs = performance.now();
  });
  return await new Promise((resolve) => {
    child.on("error", (error) => resolve({ ms: 0, code: null, said: String(error) }));
    child.on("close", (code) => {
      if (pid !== undefined) running.delete(pid);
      resolve({ ms: endMs - startMs, code, said });
    });
  });
}
