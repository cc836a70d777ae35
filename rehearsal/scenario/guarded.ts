/**
 * Starts a rehearsal's process so that nothing of it outlives the command, not even when that is killed: a sweeper,
 * which is there before it, notices the end of the command, ends all processes and removes the folder.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { Job, Message } from "./job.ts";

export interface Guarded {
  /** Resolves when the process has ended, or when we got a signal to end. */
  ended: Promise<"ended" | "SIGINT" | "SIGTERM" | "SIGHUP">;
}

export interface Sweeper {
  /** The first process of the rehearsal, which leads a group; nothing where it is in the group of the command. */
  guard(pid: number | undefined): void;
  /** Ends what is left and removes the folder. */
  sweep(): Promise<void>;
}

export interface GuardedOptions {
  /** Put before the program. */
  within: readonly string[];
  env: Record<string, string>;
  sweeper: Sweeper;
  folder: string;
  job: Job;
  onMessage(message: Message): void;
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @param marker in the environment of every process of the rehearsal */
export function startSweeper(marker: string, folder: string): Sweeper {
  const sweeper = spawn("/bin/sh", [join(import.meta.dirname, "sweep.sh")], {
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  sweeper.stdin.on("error", () => {});
  sweeper.stdin.write(`${marker}\n${folder}\n`);
  return {
    guard: (pid) => void sweeper.stdin.write(`${pid ?? ""}\n`),
    async sweep() {
      if (sweeper.exitCode !== null) return;
      const swept = once(sweeper, "exit");
      sweeper.stdin.end();
      await swept;
    },
  };
}

export function startGuarded({ within, env, sweeper, folder, job, onMessage }: GuardedOptions): Guarded {
  const [program = "", ...args] = [...within, process.execPath, join(import.meta.dirname, "main.ts")];
  const child = spawn(program, args, {
    env,
    cwd: folder,
    // A shell needs the terminal, which belongs to the session of the command.
    detached: !job.shell,
    stdio: [job.shell ? "inherit" : "ignore", job.shell ? "inherit" : "ignore", "inherit", "ipc"],
  });
  sweeper.guard(job.shell ? undefined : child.pid);
  child.on("message", (message) => onMessage(message as Message));
  child.send(job, () => {});
  return { ended: endOf(child, job.shell) };
}

function endOf(child: ChildProcess, isShell: boolean): Guarded["ended"] {
  return new Promise((resolve, reject) => {
    child.on("error", (error) =>
      reject(
        new PropiqError(`The rehearsal could not be started: ${error.message}`, {
          code: "REHEARSAL_FAILED",
          next: advice("", propiq("setup")),
        }),
      ),
    );
    child.on("close", () => resolve("ended"));
    for (const signal of SIGNALS) {
      // In a shell, Ctrl-C is for what runs in it.
      process.on(signal, () => {
        if (!(isShell && signal === "SIGINT")) resolve(signal);
      });
    }
  });
}
