/** Processes of this machine, as anyone on it may see them: who belongs to a run, and what is on command lines. */
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

/** Looks at all command lines of the machine, again and again, as somebody with `ps` would. */
export function watchCommandLines(everyMs = 25): Watch {
  const seen = new Set<string>();
  let running = true;
  const work = (async () => {
    while (running) {
      for (const pid of await processIds()) seen.add(await commandOf(pid));
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
const read = (pid: number, file: "cmdline" | "environ"): Promise<string> =>
  readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
