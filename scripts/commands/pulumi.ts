/** `pulumi …`: the right Pulumi for this project, everything else as the user typed it. */
import { hostname } from "node:os";
import { EXIT } from "../errors.ts";
import { runsPulumi } from "../stacks/backend.ts";
import { conflictIn, conflictWords } from "../stacks/conflict.ts";
import { parsePulumiArguments } from "../stacks/pulumi-arguments.ts";
import { runPulumi } from "../stacks/run-pulumi.ts";
import { ensurePulumi } from "../toolchain/pulumi.ts";

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export async function pulumi(words: readonly string[]): Promise<number> {
  const cli = await ensurePulumi({ install: "ask", say, env: process.env });
  const end = await runPulumi(cli, words, { stdio: "overhear" });
  if (end.code !== 0) await explainConflict(end.stderr, words);
  return end.code ?? EXIT.notAsked;
}

/** Pulumi says who holds a stack, but its advice (`pulumi cancel`) would ask another back end. */
async function explainConflict(said: string, words: readonly string[]): Promise<void> {
  const conflict = conflictIn(said);
  if (conflict === undefined) return;
  const stack = parsePulumiArguments(words).stack ?? conflict.stack ?? "NAME";
  const pids = conflict.holders.map(({ pid }) => pid);
  const running = await Promise.all(pids.map(runsPulumi));
  say(`\n${conflictWords(conflict, stack, hostname(), (pid) => running[pids.indexOf(pid)] ?? false)}`);
}
