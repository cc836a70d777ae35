/**
 * `node scripts/ci/plan.ts STACK FILE`: shows what a deploy would change, for the person who approves it, and writes the
 * approval to the file. Environment: SUMMARY, a file that gets the text too. Ends as the preview did.
 */
import { appendFile, writeFile } from "node:fs/promises";
import { explain } from "../../base/errors.ts";
import { printReport, sayBeside } from "../print.ts";
import { approvable } from "./approvable.ts";
import { previewComment } from "./preview-comment.ts";

const [, , stack = "", file = ""] = process.argv;
try {
  const { approval, exitCode } = await approvable(stack, "policies");
  await writeFile(file, `${JSON.stringify(approval, undefined, 2)}\n`);
  const text = `${previewComment(approval.change, approval.commit)}\n\nDigest: \`${approval.digest}\`\n`;
  printReport(text);
  const { SUMMARY } = process.env;
  if (SUMMARY) await appendFile(SUMMARY, text);
  process.exitCode = exitCode;
} catch (error) {
  sayBeside(explain(error));
  process.exitCode = 2;
}
