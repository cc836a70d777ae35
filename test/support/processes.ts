/** Processes of this machine, as anyone on it may see them: who belongs to a run, and what is on command lines. */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";

export interface SeenProcess {
  pid: number;
  /** Its arguments, as `ps` shows them. */
  command: string;
}

/** Those whose environment holds this variable with this value: a run and all that it started. */
export async function processesWith(variable: string, value: string): Promise<SeenProcess[]> {
  const found: SeenProcess[] = [];
  for (const pid of await processIds()) {
    const environment = await read(pid, "environ");
    if (environment.split("\0").includes(`${variable}=${value}`))
      found.push({ pid, command: await commandOf(pid) });
  }
  return found;
}

/** As a machine that goes: all of them at once, and nobody has a last word. */
export async function endAllWith(variable: string, value: string): Promise<void> {
  for (const { pid } of await processesWith(variable, value)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}

export interface Watch {
  /** Every command line that was seen, each once. */
  stop(): Promise<readonly string[]>;
}

/** A process starts other programs in its place soon after its own start, or never. */
const SETTLED_MS = 2000;

/** Looks at the command lines of the machine, again and again, as anyone can with `ps`. */
export function watchCommandLines(everyMs = 25): Watch {
  const seen = new Set<string>();
  let firstSeen = new Map<number, number>();
  let running = true;
  const work = (async () => {
    while (running) {
      const at = performance.now();
      const before = firstSeen;
      firstSeen = new Map((await processIds()).map((pid) => [pid, before.get(pid) ?? at]));
      for (const [pid, since] of firstSeen) if (at - since < SETTLED_MS) seen.add(await commandOf(pid));
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  })();
  return {
    async stop() {
      running = false;
      await work;
      return [...seen];
    },
  };
}

const processIds = async (): Promise<number[]> =>
  (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);

const commandOf = async (pid: number): Promise<string> =>
  (await read(pid, "cmdline")).replaceAll("\0", " ").trim();

/** Empty for a process that is gone, or somebody else's. */
const read = (pid: number, file: "cmdline" | "environ" | "stat"): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");

/** The processes that a process started, and those that these started. */
export async function descendantsOf(pid: number): Promise<SeenProcess[]> {
  const parents = new Map<number, number>();
  for (const each of await processIds()) {
    const status = /^\d+ \(.*\) \S (\d+) /s.exec(await read(each, "stat"));
    if (status !== null) parents.set(each, Number(status[1]));
  }
  const family = new Set([pid]);
  for (let size = 0; size < family.size; ) {
    size = family.size;
    for (const [child, parent] of parents) if (family.has(parent)) family.add(child);
  }
  family.delete(pid);
  return await Promise.all([...family].map(async (each) => ({ pid: each, command: await commandOf(each) })));
}

/** False for one that has ended and that nobody has collected yet, too. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX] /s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
