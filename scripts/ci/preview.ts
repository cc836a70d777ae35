/**
 * `node scripts/ci/preview.ts STACK CHANGE_FILE`: asks Pulumi what a deploy would do, and the policy pack whether it
 * may, and writes down what may be shown of it. Prints it, too. Ends as Pulumi did, the file written all the same.
 */

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { readStackConfig } from "../../operations/stacks/config-file.ts";
import { printReport } from "../print.ts";
import { violationsIn } from "./policy.ts";
import { changeOf } from "./preview-change.ts";
import { previewComment } from "./preview-comment.ts";

const MOST_BYTES = 64 * 1024 * 1024;

const [, , stack = "", file = ""] = process.argv;
// Not `--diff` or an event log, which show secrets in the clear: neither of these does. `--json` is silent of policies.
const answer = await preview("--json");
const judged =
  answer.exitCode === 0 ? await preview("--policy-pack", "infra/policy", "--color", "never") : answer;
const after = await costAfter(stack);
const change = changeOf({
  stack,
  output: answer.output,
  messages: judged.messages,
  violations: violationsIn(judged.output),
  exitCode: judged.exitCode,
  ...(after === undefined ? {} : { monthlyUsdAfter: after }),
});
await writeFile(file, `${JSON.stringify(change, undefined, 2)}\n`);
printReport(`${previewComment(change, process.env["GITHUB_SHA"] ?? "")}\n`);
process.exitCode = judged.exitCode;

interface Answer {
  output: string;
  messages: string;
  exitCode: number;
}

function preview(...options: readonly string[]): Promise<Answer> {
  const cli = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");
  const words = ["pulumi", "preview", "--stack", stack, "--non-interactive", ...options];
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...words], { maxBuffer: MOST_BYTES }, (error, output, messages) => {
      const code = error === null ? 0 : error.code;
      resolve({ output, messages, exitCode: typeof code === "number" ? code : 2 });
    });
  });
}

/** By the config in this checkout; nothing where it is wrong, which the preview has told. */
async function costAfter(name: string): Promise<number | null | undefined> {
  try {
    return (await readStackConfig(name)).settings.monthlyUsd;
  } catch (error) {
    if (error instanceof PropiqError) return undefined;
    throw error;
  }
}
