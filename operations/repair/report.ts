/** What a repair reports. */
import { type WrittenAdvice, writtenLines } from "../../base/advice.ts";
import { commandLine } from "../../base/command.ts";
import { MARKS } from "../result.ts";
import type { Problem, RepairStep } from "./judge.ts";

export interface RepairReport {
  schema: 1;
  verdict: "repaired" | "nothing-to-do" | "failed";
  stack: string;
  found: { code: string; say: string }[];
  steps: { name: string; command: string; exitCode: number; durationMs: number }[];
  /** What could not be compared, and so may be wrong as well. */
  notAsked: { name: string; why: string }[];
  /** Why it is not repaired, and what to do. */
  failure?: { what: string; advice: WrittenAdvice };
}

export function foundIn(problems: readonly Problem[]): RepairReport["found"] {
  return problems.map(({ code, say }) => ({ code, say }));
}

const VERDICTS: Readonly<Record<RepairReport["verdict"], string>> = {
  repaired: `${MARKS.pass} repaired`,
  "nothing-to-do": `${MARKS.pass} nothing to do`,
  failed: `${MARKS.fail} not repaired`,
};

export function renderRepair({ verdict, stack, found, steps, notAsked, failure }: RepairReport): string {
  const lines = [
    `${VERDICTS[verdict]}  stack ${stack}`,
    ...found.map(({ code, say }) => `  ${code}: ${say}`),
    ...notAsked.map(({ name, why }) => `  ${MARKS.unknown} ${name}: ${why}`),
    ...(steps.length === 0 ? [] : [""]),
    ...steps.map(
      ({ command, exitCode, durationMs }) =>
        `  ${exitCode === 0 ? MARKS.pass : MARKS.fail} ${command} (${(durationMs / 1000).toFixed(1)} s)`,
    ),
    ...(failure === undefined ? [] : ["", failure.what, ...writtenLines(failure.advice)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What was found and what will be done, before anybody is asked. */
export function renderRepairPlan(
  stack: string,
  found: readonly Problem[],
  steps: readonly RepairStep[],
): string {
  return `${[
    `Stack ${stack}:`,
    ...found.map(({ code, say }) => `  ${code}: ${say}`),
    ...(steps.length === 0 ? [] : ["Commands that fix this, in this order:"]),
    ...steps.map(({ command }) => `  ${commandLine(command)}`),
  ].join("\n")}\n`;
}
