/**
 * Ends this process when the one that was really started no longer exists: npm, or the launcher under an older Node.
 * Killed
 * by SIGKILL they cannot pass it on, and nobody would know that we continue writing. Our own children end with us
 * (toolchain/child.ts).
 */
import { readFileSync } from "node:fs";

const POLL_MS = 100;

export function endWithParent(): void {
  const end = () => process.kill(process.pid, "SIGKILL");
  // The launcher's channel closes with it.
  if (process.channel) {
    process.once("disconnect", end);
    process.channel.unref();
    return;
  }
  // Started by hand, a parent that ends is a shell that was closed: no reason to stop.
  if (process.env["npm_command"] === undefined) return;
  const { ppid } = process;
  // npm starts a shell, which starts us; when npm no longer exists, the shell waits on under another parent.
  const shell = /^(ba|da|z)?sh$/.test(processName(ppid)) ? ppid : undefined;
  const npm = shell === undefined ? ppid : parentOf(shell);
  setInterval(() => {
    if (process.ppid !== ppid || (shell !== undefined && parentOf(shell) !== npm)) end();
  }, POLL_MS).unref();
}

/** The parent of a process, from Linux's own table; elsewhere unknown, and then always the same. */
function parentOf(pid: number): number | undefined {
  const parent = statusOf(pid)?.[2];
  return parent === undefined ? undefined : Number(parent);
}

function processName(pid: number): string {
  return statusOf(pid)?.[1] ?? "";
}

/** Name and parent; the name, in brackets, may hold anything (proc_pid_stat(5)). */
function statusOf(pid: number): RegExpExecArray | undefined {
  try {
    return /^\d+ \((.*)\) \S (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? undefined;
  } catch {
    return undefined;
  }
}
