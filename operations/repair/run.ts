/** Runs the steps of a repair. Killed at any point, the next repair finds what is left to do. */
import { type Advice, advice, writeAdvice } from "../../base/advice.ts";
import { commandLine, propiq } from "../../base/command.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import type { Lock } from "../stacks/backend.ts";
import { type EngineRun, runEngine } from "../stacks/engine-run.ts";
import { removeStackLocks } from "../stacks/stack-state.ts";
import { cancelStep, type Facts, type Repair, type RepairStep } from "./judge.ts";
import { foundIn, type RepairReport } from "./report.ts";

export interface RepairRun {
  cli: PulumiCli;
  facts: Facts;
  plan: Repair;
  /** The user has said that the holder of the lock does not run any more. */
  forceUnlock: boolean;
  /** Takes a line of progress. */
  say: (line: string) => void;
}

export async function runRepair(run: RepairRun): Promise<RepairReport> {
  const { facts, plan, say } = run;
  const steps: RepairReport["steps"] = [];
  const base = () => ({
    ...{ schema: 1 as const, stack: facts.stack, found: foundIn(plan.found), steps },
    notAsked: [...facts.notAsked],
  });
  const perform = async ({ name, command, words }: RepairStep) => {
    say(`${commandLine(command)} …`);
    const done =
      words.length === 0 ? await unlock(facts.stack) : await runEngine(run.cli, facts.stack, words);
    const { exitCode, durationMs } = done;
    steps.push({ name, command: commandLine(command), exitCode, durationMs });
    return done.failure;
  };
  for (const step of plan.steps) {
    let failure = await perform(step);
    // Only files can be looked at for a lock beforehand: in other back ends it is met here.
    if (failure?.conflict !== undefined && !facts.lock.held && run.forceUnlock) {
      failure = (await perform(cancelStep(facts.stack))) ?? (await perform(step));
    }
    if (failure === undefined) continue;
    const { what, advice: given } = failure;
    const isLocked = failure.conflict !== undefined;
    const how = isLocked ? forceUnlockAdvice(facts.stack) : given;
    return { ...base(), verdict: "failed", failure: { what, advice: writeAdvice(how) } };
  }
  return { ...base(), verdict: "repaired" };
}

/** Looks again: only locks that are still stale are removed. */
async function unlock(stack: string): Promise<EngineRun> {
  const startedAt = performance.now();
  await removeStackLocks(stack);
  return { exitCode: 0, durationMs: Math.round(performance.now() - startedAt) };
}

/**
 * Why a lock must stay as it is; nothing where it may be removed.
 * @param forceUnlock the user has said that the holder does not run any more
 */
export function lockRefusal(
  stack: string,
  lock: Lock,
  forceUnlock: boolean,
): { what: string; advice: Advice } | undefined {
  if (!lock.held || lock.stale) return undefined;
  if (lock.holder?.isThisMachine)
    return {
      what: `Another update of stack ${stack} runs on this machine (process ${lock.pid}). Nothing was changed.`,
      advice: advice("Wait for it to end and run the same command again."),
    };
  if (forceUnlock) return undefined;
  return {
    what: `Stack ${stack} is locked by a process of another machine. Nothing was changed.`,
    advice: forceUnlockAdvice(stack),
  };
}

function forceUnlockAdvice(stack: string): Advice {
  return advice(
    "Wait for the other update to end. Only if you know that it does not run any more, remove its lock:",
    propiq("repair", "--stack", stack, "--force-unlock"),
  );
}
