/**
 * `node scripts/ci/confirm.ts STACK FILE`: ends with 0 if a deploy would now do what was approved, and with 1 if not,
 * after it has printed what differs.
 */
import { readFile } from "node:fs/promises";
import { explain } from "../../base/errors.ts";
import { say, sayBeside } from "../print.ts";
import { approvable } from "./approvable.ts";
import { differences, parseApproval } from "./approval.ts";

const [, , stack = "", file = ""] = process.argv;
try {
  const approved = parseApproval(await readFile(file, "utf8"));
  // `up` asks the policy pack itself.
  const { approval } = await approvable(stack, "no policies");
  const lines = differences(approved, approval);
  if (lines.length === 0) {
    say(`The deploy does what was approved (digest ${approved.digest}).`);
  } else {
    sayBeside(
      [
        "A deploy would not do what was approved.",
        ...lines,
        "Run the workflow again and approve the new plan.",
      ].join("\n"),
    );
    process.exitCode = 1;
  }
} catch (error) {
  sayBeside(explain(error));
  process.exitCode = 2;
}
