/** Asks Pulumi what a deploy would do, and the policy pack whether it may. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { readStackConfig } from "../../operations/stacks/config-file.ts";
import type { Change } from "./change.ts";
import { violationsIn } from "./policy.ts";
import { changeOf } from "./preview-change.ts";

const MOST_BYTES = 64 * 1024 * 1024;

export interface Previewed {
  change: Change;
  /** Of Pulumi, or of the policy pack. */
  exitCode: number;
}

/** @param policies whether the policy pack is asked too, which takes a preview of its own */
export async function previewed(stack: string, policies: "policies" | "no policies"): Promise<Previewed> {
  // Not `--diff` or an event log, which show secrets in the clear. `--json` says nothing of policies.
  const answer = await pulumi("preview", "--stack", stack, "--json");
  const judged =
    answer.exitCode === 0 && policies === "policies"
      ? await pulumi("preview", "--stack", stack, "--policy-pack", "infra/policy", "--color", "never")
      : answer;
  const after = await costAfter(stack);
  const change = changeOf({
    stack,
    output: answer.output,
    messages: judged.messages,
    violations: violationsIn(judged.output),
    exitCode: judged.exitCode,
    ...(after === undefined ? {} : { monthlyUsdAfter: after }),
  });
  return { change, exitCode: judged.exitCode };
}

export interface Answer {
  output: string;
  messages: string;
  exitCode: number;
}

/** Runs a command of Pulumi without questions. */
export function pulumi(...words: readonly string[]): Promise<Answer> {
  const cli = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");
  const all = [cli, "pulumi", ...words, "--non-interactive"];
  return new Promise((resolve) => {
    execFile(process.execPath, all, { maxBuffer: MOST_BYTES }, (error, output, messages) => {
      const code = error === null ? 0 : error.code;
      resolve({ output, messages, exitCode: typeof code === "number" ? code : 2 });
    });
  });
}

/** By the config in this checkout; nothing if it is wrong, which the preview has reported. */
async function costAfter(name: string): Promise<number | null | undefined> {
  try {
    return (await readStackConfig(name)).settings.monthlyUsd;
  } catch (error) {
    if (error instanceof PropiqError) return undefined;
    throw error;
  }
}
