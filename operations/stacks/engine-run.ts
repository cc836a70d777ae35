/** One `cancel`, `refresh` or `up` of a larger command: run to its end, without questions, and explained where it fails. */
import { type Advice, advice } from "../../base/advice.ts";
import { propiq, pulumi } from "../../base/command.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { type Conflict, conflictIn } from "./conflict.ts";
import { runPulumi } from "./run-pulumi.ts";
import { stateAdvice } from "./state-faults.ts";

export interface EngineRun {
  /** 0 where it succeeded. */
  exitCode: number;
  durationMs: number;
  /** Absent where it succeeded. */
  failure?: EngineFailure;
}

export interface EngineFailure {
  /** What Pulumi reported, without its decoration. */
  what: string;
  advice: Advice;
  /** Where another update holds the stack. */
  conflict?: Conflict;
}

/**
 * @param words the command and its options, without `--stack`
 * @param onLine gets what Pulumi prints, for anyone who needs to follow it
 * @throws PropiqError when it was interrupted
 */
export async function runEngine(
  cli: PulumiCli,
  stack: string,
  words: readonly string[],
  onLine: (line: string) => void = () => {},
): Promise<EngineRun> {
  const startedAt = performance.now();
  const end = await runPulumi(cli, [...words, "--stack", stack, "--non-interactive"], {
    stdio: "capture",
    onLine,
  });
  const durationMs = Math.round(performance.now() - startedAt);
  if (end.code === 0) return { exitCode: 0, durationMs };
  // `up` prints its diagnostics on standard output, everything else fails on standard error.
  const said = `${end.stdout}\n${end.stderr}`;
  return { exitCode: end.code ?? 1, durationMs, failure: failureIn(said, stack, words) };
}

function failureIn(said: string, stack: string, words: readonly string[]): EngineFailure {
  const conflict = conflictIn(said);
  if (conflict !== undefined) {
    const who = conflict.holders
      .map(({ user, host, pid }) => `${user} on ${host}, process ${pid}`)
      .join("; ");
    return {
      what: `Another update of stack ${stack} is running${who === "" ? "" : `: ${who}`}.`,
      advice: advice(
        "Wait for it to end and run the same command again. If it was killed:",
        propiq("repair", "--stack", stack),
      ),
      conflict,
    };
  }
  const known = stateAdvice(said, stack);
  return {
    what: errorsIn(said) || `Pulumi's ${words[0]} failed and reported nothing.`,
    advice: known ?? advice("See the whole output.", pulumi(stack, ...words.slice(0, 1))),
  };
}

const MOST_LINES = 12;

/** The lines of Pulumi's errors, each once. */
function errorsIn(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  const errors: string[] = [];
  for (const [index, line] of lines.entries()) {
    const [, text] = /^error: (.*)$/.exec(line) ?? [];
    if (text === undefined || /^(update|refresh|preview) failed$/.test(text)) continue;
    const more = lines.slice(index + 1).findIndex((next) => next === "" || /^(error:|warning:)/.test(next));
    errors.push(text, ...lines.slice(index + 1, more < 0 ? index + 1 : index + 1 + more));
  }
  return [...new Set(errors)].slice(0, MOST_LINES).join("\n");
}
