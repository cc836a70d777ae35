/**
 * `node scripts/ci/go-back.ts STACK`: after a deploy that failed, prints what is deployed and the command that
 * restores the previous plan, to the log and to the job's summary. Environment: UP, VERIFY (outcomes of those steps), PLAN_BEFORE,
 * PULUMI_BACKEND_URL, COMMIT, SUMMARY (a file to write it to as well).
 */

import { appendFile } from "node:fs/promises";
import { PropiqError } from "../../base/errors.ts";
import { readStackConfig } from "../../operations/stacks/config-file.ts";
import { say } from "../print.ts";
import { type Failure, wayBack } from "./back.ts";

const [, , stack = ""] = process.argv;
const { UP, VERIFY, PLAN_BEFORE, PULUMI_BACKEND_URL = "", COMMIT = "", SUMMARY } = process.env;
const words = wayBack({
  stack,
  planBefore: PLAN_BEFORE || undefined,
  planNow: await planNow(stack),
  up: outcome(UP),
  verify: outcome(VERIFY),
  backend: PULUMI_BACKEND_URL,
  commit: COMMIT,
});
say(`\n${words}`);
if (SUMMARY) await appendFile(SUMMARY, `\n## Going back\n\n\`\`\`sh\n${words}\n\`\`\`\n`);

function outcome(word: string | undefined): Failure["up"] {
  return word === "success" || word === "failure" ? word : "skipped";
}

async function planNow(name: string): Promise<string | undefined> {
  try {
    return (await readStackConfig(name)).settings.plan;
  } catch (error) {
    if (error instanceof PropiqError) return undefined;
    throw error;
  }
}
