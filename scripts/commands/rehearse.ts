/** `rehearse`: a stack's whole life in emulated clouds on this machine. */

import { resolve } from "node:path";
import { advice } from "../../base/advice.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { safeLines } from "../../base/safe-text.ts";
import { PLANS, type Plan } from "../../infra/plans/catalogue.ts";
import { rehearse as run } from "../../rehearsal/scenario/command.ts";
import { type FailAt, REHEARSAL_FORMATS, type RehearsalFormat } from "../../rehearsal/scenario/options.ts";
import { rendererOf } from "../../rehearsal/scenario/render/formats.ts";
import { renderSummary, stepLines } from "../../rehearsal/scenario/render/text.ts";
import { print, printError, printReport } from "../print.ts";
import { terminal, writeReport } from "./output.ts";

export interface RehearseOptions {
  stack: string;
  plans?: string;
  requestsPerSecond: number;
  appCommand?: string;
  failAt?: FailAt;
  install?: boolean;
  shell?: boolean;
  format: RehearsalFormat;
  report?: string[];
}

/** @returns 0 where everything went as it should, else 1 */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const files = (options.report ?? []).map(reportFile);
  const { format } = options;
  const { width } = terminal();
  // Whatever reads a report from standard output reads nothing else there.
  const progress = format === "text" ? print : printError;
  const say = (line: string): void => progress(safeLines(`${line}\n`));
  const { stack, appCommand, failAt, requestsPerSecond } = options;
  const plans = options.plans === undefined ? undefined : plansIn(options.plans);
  const outcome = await run({
    ...{ stack, requestsPerSecond, install: options.install ?? false, shell: options.shell ?? false, say },
    ...(plans === undefined ? {} : { plans }),
    ...(appCommand === undefined ? {} : { appCommand }),
    ...(failAt === undefined ? {} : { failAt }),
    onMessage(message) {
      if (message.kind === "began") say(`\n${message.name}: ${message.command}`);
      else for (const line of stepLines(message.step, { width })) say(line);
    },
  });
  if ("shellCode" in outcome) {
    const { shellCode, attempts } = outcome;
    if (attempts.length > 0) {
      say(`A program in the shell tried to connect to ${attempts.join(", ")}. It was refused.`);
      return EXIT.no;
    }
    // A person leaves it whatever the last command did; a script is judged by it.
    return shellCode === 0 || process.stdin.isTTY ? 0 : EXIT.no;
  }
  const { report } = outcome;
  // Its steps stand above already.
  printReport(
    format === "text"
      ? `\n${renderSummary(report, { width })}`
      : (await rendererOf(format))(report, { width }),
  );
  for (const file of files) {
    await writeReport(file.path, (await rendererOf(file.format))(report, { width: 100 }));
  }
  return report.verdict === "passed" ? 0 : EXIT.no;
}

function plansIn(text: string): Plan[] {
  const words = text.split(",").map((word) => word.trim());
  const unknown = words.filter((word) => !PLANS.some((plan) => plan === word));
  if (unknown.length > 0) {
    throw new PropiqError(
      `--plans: there is no plan ${unknown.map((word) => JSON.stringify(word)).join(", ")}.`,
      {
        code: "USAGE",
        next: advice(`Plans: ${PLANS.join(", ")}`),
      },
    );
  }
  return words as Plan[];
}

function reportFile(text: string): { format: RehearsalFormat; path: string } {
  const [, format = "", path = ""] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  const known = REHEARSAL_FORMATS.find((name) => name === format);
  if (known === undefined) {
    throw new PropiqError("--report needs a format and a file, as in json=rehearsal.json.", {
      code: "USAGE",
      next: advice(`Formats: ${REHEARSAL_FORMATS.join(", ")}`),
    });
  }
  return { format: known, path: resolve(path) };
}
