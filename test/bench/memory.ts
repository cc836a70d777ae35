/**
 * The memory of a process and all that it starts: the sum of their proportional set sizes (PSS), in which a page that
 * several of them share counts once. Linux only.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Timed } from "./row.ts";

const SAMPLE_EVERY_MS = 20;

interface Process {
  pid: number;
  parent: number;
}

/** @returns the highest sum seen while it ran, in bytes; nothing where the system does not report */
export async function peakMemory(run: Timed): Promise<number | undefined> {
  if (!existsSync("/proc/self/smaps_rollup")) {
    await run(() => {});
    return undefined;
  }
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  try {
    await run((root) => {
      // A daemon leaves the tree when its starter ends, and still belongs to it.
      const known = new Set([root]);
      const sample = () => {
        const living = descendants(processes(), known);
        for (const pid of living) known.add(pid);
        peak = Math.max(
          peak,
          living.reduce((sum, pid) => sum + pssOf(pid), 0),
        );
      };
      timer = setInterval(sample, SAMPLE_EVERY_MS);
    });
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** Those of `all` that are known, and whatever they started. */
export function descendants(all: readonly Process[], known: ReadonlySet<number>): number[] {
  const found = new Set(all.filter(({ pid }) => known.has(pid)).map(({ pid }) => pid));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function processes(): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = read(`/proc/${name}/stat`);
      return stat === undefined ? [] : [{ pid: Number(name), parent: parentIn(stat) }];
    });
}

/** From `/proc/PID/stat`: the name in brackets may hold anything, brackets and blanks too (proc_pid_stat(5)). */
export function parentIn(stat: string): number {
  const [, parent = "0"] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(parent);
}

/** In bytes; 0 for a process that has just ended. */
function pssOf(pid: number): number {
  const [, kilobytes = "0"] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? "") ?? [];
  return Number(kilobytes) * 1024;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process has ended.
    return undefined;
  }
}
