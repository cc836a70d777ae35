/**
 * `node scripts/ci/preview.ts STACK CHANGE_FILE`: previews a deploy, writes what may be shown of it to the file, and
 * prints it. Ends as Pulumi did; the file is written in any case.
 */
import { writeFile } from "node:fs/promises";
import { printReport } from "../print.ts";
import { previewComment } from "./preview-comment.ts";
import { previewed } from "./previewed.ts";

const [, , stack = "", file = ""] = process.argv;
const { change, exitCode } = await previewed(stack, "policies");
await writeFile(file, `${JSON.stringify(change, undefined, 2)}\n`);
printReport(`${previewComment(change, process.env["GITHUB_SHA"] ?? "")}\n`);
process.exitCode = exitCode;
