/** The processes of this machine by their command lines, as Linux and macOS list them. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface RunningProcess {
  pid: number;
  /** Program and arguments, a blank between them. Empty for one that has ended and that nobody has collected yet. */
  command: string;
}

export async function runningProcesses(): Promise<RunningProcess[]> {
  return process.platform === "linux" ? await fromProc() : await fromPs();
}

async function fromProc(): Promise<RunningProcess[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  return await Promise.all(
    pids.map(async (pid) => ({
      pid: Number(pid),
      command: (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "),
    })),
  );
}

async function fromPs(): Promise<RunningProcess[]> {
  const words = ["-axww", "-o", "pid=,stat=,command="];
  const { stdout } = await promisify(execFile)("ps", words, { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, state, command = ""] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), command: state?.startsWith("Z") ? "" : command }];
  });
}
