import { createInterface } from "node:readline/promises";
import { interrupted } from "./interrupted.ts";

/**
 * Asks for a yes at the terminal. False where there is none, and on Ctrl-D.
 * @throws PropiqError on Ctrl-C
 */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new AbortController();
  let stopped = false;
  terminal.on("SIGINT", () => {
    stopped = true;
    terminal.close();
  });
  terminal.on("close", () => closed.abort());
  try {
    const answer = await terminal.question(`${question} [y/N] `, { signal: closed.signal });
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    if (stopped) throw interrupted("at the question");
    return false;
  } finally {
    terminal.close();
  }
}
