/**
 * `node scripts/ci/preview.ts STACK CHANGE_FILE`: asks Pulumi what a deploy would do, and writes down what may be
 * shown of it. Prints it, too. Ends as Pulumi did, the file written all the same.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../infra/paths.ts";
import { PropiqError } from "../errors.ts";
import { readStackConfig } from "../stacks/config-file.ts";
import { changeOf, type Previewed } from "./preview-change.ts";
import { previewComment } from "./preview-comment.ts";

const MOST_BYTES = 64 * 1024 * 1024;

const [, , stack = "", file = ""] = process.argv;
const answer = await preview(stack);
const after = await costAfter(stack);
const change = changeOf({ stack, ...answer, ...(after === undefined ? {} : { monthlyUsdAfter: after }) });
await writeFile(file, `${JSON.stringify(change, undefined, 2)}\n`);
console.log(previewComment(change, process.env["GITHUB_SHA"] ?? ""));
process.exitCode = answer.exitCode;

/** Not `--diff` or an event log, which show secrets in the clear: `--json` does not. */
function preview(name: string): Promise<Pick<Previewed, "output" | "messages" | "exitCode">> {
  const cli = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");
  const words = ["pulumi", "preview", "--stack", name, "--json", "--non-interactive"];
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
