/** `pulumi …`: the right Pulumi for this project, everything else as the user typed it. */

import { hostname } from "node:os";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { runsPulumi } from "../../operations/stacks/backend.ts";
import { refuseWrongConfig } from "../../operations/stacks/config-file.ts";
import { conflictIn, conflictWords } from "../../operations/stacks/conflict.ts";
import { isLocalStack } from "../../operations/stacks/local-config.ts";
import {
  deploysConfig,
  parsePulumiArguments,
  withoutOutputs,
} from "../../operations/stacks/pulumi-arguments.ts";
import { stateHint } from "../../operations/stacks/state-faults.ts";

import { sayBeside as say } from "../print.ts";

/** Pulumi says that PULUMI_BACKEND_URL is in the way, which nobody may have set: it is how Pulumi.yaml's is handed on. */
const LOGIN =
  "backend.url in Pulumi.yaml, or PULUMI_BACKEND_URL of the shell, says where this project keeps its state, whatever is logged in to: docs/team.md, Moving the state";

export async function pulumi(words: readonly string[]): Promise<number> {
  const { command, stack, ...parsed } = parsePulumiArguments(words);
  // Refused here, wrong config costs no start of the engine, and ends with 2 as everywhere.
  if (stack !== undefined && deploysConfig({ command }, words))
    await refuseWrongConfig(stack, parsed.configFile);
  const { ensurePulumi } = await import("../../toolchain/pulumi.ts");
  const cli = await ensurePulumi({ install: "ask", say, env: process.env });
  const { runPulumi } = await import("../../operations/stacks/run-pulumi.ts");
  const isUpdate = command[0] === "up" || command[0] === "update";
  try {
    const end = await runPulumi(cli, withoutOutputs({ command }, words), { stdio: "overhear" });
    if (end.code !== 0) await explain(end.stderr, stack);
    if (end.code === 0 && command[0] === "login") say(LOGIN);
    if (isUpdate && stack !== undefined && !isLocalStack(stack) && !words.includes("--help"))
      for (const line of end.code === 0 ? await lastLines(stack, words) : [UNCHANGED]) say(line);
    return end.code ?? EXIT.notAsked;
  } catch (error) {
    if (isUpdate && error instanceof PropiqError && error.exitCode === EXIT.interrupted) say(UNCHANGED);
    throw error;
  }
}

/** An update writes them last; a failure after that says what became of them. */
const UNCHANGED = "The settings of the apps are unchanged, unless a line above names them.";

/** Other config than the stack's own file says nothing about what was deployed. */
async function lastLines(stack: string, words: readonly string[]): Promise<string[]> {
  if (!deploysConfig({ command: ["up"] }, words) || words.some((word) => word.startsWith("--config-file")))
    return [];
  const { deployedLines } = await import("../../operations/stacks/deployed.ts");
  return await deployedLines(stack);
}

/** Pulumi's own advice does not know this project's back end, nor what its docs tell. */
async function explain(said: string, stack: string | undefined): Promise<void> {
  const conflict = conflictIn(said);
  if (conflict !== undefined) {
    const pids = conflict.holders.map(({ pid }) => pid);
    const running = await Promise.all(pids.map(runsPulumi));
    const lives = (pid: number) => running[pids.indexOf(pid)] ?? false;
    say(`\n${conflictWords(conflict, stack ?? conflict.stack ?? "NAME", hostname(), lives)}`);
    return;
  }
  if (stack === undefined || isLocalStack(stack)) return;
  const hint = stateHint(said, stack);
  if (hint !== undefined) say(`\n${hint}`);
}
