/** A process that runs one child, for the tests that kill it: `run-child.ts inherit|capture COMMAND ARG…`. */
import { runChild } from "../../../scripts/toolchain/child.ts";

const [stdio, command = "", ...args] = process.argv.slice(2);
const end = await runChild(command, args, {
  stdio: stdio === "inherit" ? "inherit" : "capture",
  onLine: (line) => process.stdout.write(`${line}\n`),
});
process.stdout.write(`end ${JSON.stringify({ code: end.code, signal: end.signal, cut: end.cut })}\n`);
