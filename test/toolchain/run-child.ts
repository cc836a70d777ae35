/** A process that runs one child, for the tests that kill it: `run-child.ts inherit|overhear|screen|capture COMMAND ARG…`. */
import { runChild } from "../../toolchain/child.ts";

const [kind, command = "", ...args] = process.argv.slice(2);
const stdio = kind === "inherit" || kind === "overhear" || kind === "screen" ? kind : "capture";
const end = await runChild(command, args, { stdio, onLine: (line) => echo(line) });
if (stdio === "overhear") process.stdout.write(`heard ${JSON.stringify(end.stderr)}\n`);
process.stdout.write(`end ${JSON.stringify({ code: end.code, signal: end.signal, cut: end.cut })}\n`);

function echo(line: string): void {
  if (stdio === "capture") process.stdout.write(`${line}\n`);
}
