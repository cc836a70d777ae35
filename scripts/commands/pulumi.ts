/** `pulumi …`: the right Pulumi for this project, everything else as the user typed it. */

import { hostname } from "node:os";
import { adviceText } from "../../base/advice.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { runsPulumi } from "../../operations/stacks/backend.ts";
import { refuseForeignHosts, refuseWrongConfig } from "../../operations/stacks/config-file.ts";
import { conflictIn, conflictWords } from "../../operations/stacks/conflict.ts";
import { isLocalStack } from "../../operations/stacks/local-config.ts";
import {
  asksClouds,
  deploysConfig,
  parsePulumiArguments,
  printsLog,
  withoutNoise,
} from "../../operations/stacks/pulumi-arguments.ts";
import { stateAdvice } from "../../operations/stacks/state-faults.ts";

import { sayBeside as say } from "../print.ts";

/** Pulumi names PULUMI_BACKEND_URL, which the user may not have set: the launcher sets it from Pulumi.yaml. */
const LOGIN =
  "backend.url in Pulumi.yaml, or PULUMI_BACKEND_URL of the shell, names the back end of this project. A login does not change it. See docs/team.md, Moving the state.";

export async function pulumi(words: readonly string[]): Promise<number> {
  const { command, stack, ...parsed } = parsePulumiArguments(words);
  // Refused here, wrong config costs no start of the engine, and ends with 2 as everywhere.
  if (stack !== undefined && deploysConfig({ command }, words))
    await refuseWrongConfig(stack, parsed.configFile);
  if (stack !== undefined && asksClouds({ command })) await refuseForeignHosts(stack, parsed.configFile);
  const { ensurePulumi } = await import("../../toolchain/pulumi.ts");
  const cli = await ensurePulumi({ install: "ask", say, env: process.env });
  const { runPulumi } = await import("../../operations/stacks/run-pulumi.ts");
  const isUpdate = command[0] === "up" || command[0] === "update";
  try {
    // A terminal is Pulumi's own: it draws there, and asks. A pipeline obeys commands in what it logs.
    const output = process.stdout.isTTY ? "terminal" : "log";
    const stdio = printsLog({ command }, words) && output === "log" ? "screen" : "overhear";
    const end = await runPulumi(cli, withoutNoise({ command }, words, output), { stdio });
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

/** An update writes them last. A failure after that reports what happened to them. */
const UNCHANGED = "The settings of the apps are unchanged, unless a line above names them.";

/** A config that is not the stack's own file does not describe what was deployed. */
async function lastLines(stack: string, words: readonly string[]): Promise<string[]> {
  if (!deploysConfig({ command: ["up"] }, words) || words.some((word) => word.startsWith("--config-file")))
    return [];
  const { deployedLines } = await import("../../operations/stacks/deployed.ts");
  return await deployedLines(stack);
}

/** Pulumi's own advice does not know this project's back end, nor its documentation. */
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
  const next = stateAdvice(said, stack);
  if (next !== undefined) say(`\n${adviceText(next)}`);
}
