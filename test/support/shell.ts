/** A person's shell in a project's root: what one block of commands exports, the next one finds. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface Shell {
  /** Runs a block as it stands in the docs, up to the first command that fails. @param input what is typed meanwhile */
  run(block: string, input?: string): Promise<{ code: number | null; all: string }>;
  /** The same, where it must succeed. @returns what was printed */
  well(block: string, input?: string): Promise<string>;
}

/** @param memory a folder of its own, outside of the project */
export function openShell(cwd: string, memory: string, env: Readonly<Record<string, string>>): Shell {
  const file = join(memory, "exported");
  const run: Shell["run"] = async (block, input = "") => {
    const script = `set -e\n[ -f '${file}' ] && . '${file}'\n${block}\nexport -p > '${file}'\n`;
    const child = spawn("bash", ["--noprofile", "--norc", "-c", script], { cwd, env });
    let all = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        all += chunk;
      });
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [code] = (await once(child, "close")) as [number | null];
    return { code, all };
  };
  return {
    run,
    async well(block, input) {
      const { code, all } = await run(block, input);
      if (code !== 0) throw new Error(`this ended with ${code}:\n${block}\n\n${all}`);
      return all;
    },
  };
}
