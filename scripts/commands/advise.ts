/** `advise`: the right size of a cache, from its measured use and the catalogue. */

import { advice } from "../../base/advice.ts";
import { isLocalStack, propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { foreignText } from "../../base/safe-text.ts";
import { adviceFor } from "../../check/faults/advice.ts";
import { Fault } from "../../check/faults/fault.ts";
import { redactor } from "../../check/redact.ts";
import { cleaned } from "../../check/render/clean.ts";
import type { Subject } from "../../check/subject.ts";
import { endpointOf, secretsOf, type Target } from "../../check/target.ts";
import { measureUse, type Use } from "../../check/use/measure.ts";
import type { Advice } from "../../operations/advise/advisors.ts";
import { adviceReport } from "../../operations/advise/report.ts";
import { renderAdvice } from "../../operations/advise/text.ts";
import type { StackOutputs } from "../../operations/stacks/outputs.ts";
import { refuseSeveralSources, subjectFrom, subjectFromStack } from "../../operations/subjects/sources.ts";
import { printReport } from "../print.ts";
import { openHistory } from "./history.ts";
import { terminal } from "./output.ts";
import type { AdviseOptions } from "./verify-options.ts";

export async function adviseCommand(options: AdviseOptions): Promise<number> {
  const { history, format } = options;
  const [{ subject, ...stated }, { runs }, also] = await Promise.all([
    subjectOf(options),
    history === undefined ? { runs: [] } : openHistory(history),
    farFrom(options),
  ]);
  const use = await measured(subject, options);
  const report = cleaned(adviceReport({ subject, use, runs, also, now: new Date(), ...stated }));
  printReport(
    format === "json" ? `${JSON.stringify(report, null, 2)}\n` : renderAdvice(report, terminal().width),
  );
  return 0;
}

/** Only a stack of a team has apps in Azure. */
async function farFrom({ stack }: AdviseOptions): Promise<readonly Advice[]> {
  if (stack === undefined || isLocalStack(stack)) return [];
  const { regionAdvice } = await import("../../operations/advise/region.ts");
  return await regionAdvice(stack);
}

interface Asked {
  subject: Subject & { target: Target };
  statedUsd?: number | null;
  stated?: { limitMb?: number; maxConnections?: number };
}

async function subjectOf({ stack, url, envFile }: AdviseOptions): Promise<Asked> {
  refuseSeveralSources(
    [stack ? "--stack" : "", url ? "--url" : "", envFile ? "--env-file" : ""].filter(Boolean),
    "advise",
  );
  if (stack === undefined) return { subject: withTarget(await subjectFrom({ url, envFile })) };
  const { subject, outputs } = await subjectFromStack(stack);
  const { monthlyUsd } = outputs;
  return {
    subject: withTarget(subject),
    ...(monthlyUsd === undefined ? {} : { statedUsd: monthlyUsd }),
    ...(subject.plan === "external" ? { stated: statedOf(outputs) } : {}),
  };
}

function statedOf({ limits }: StackOutputs): NonNullable<Asked["stated"]> {
  const { memoryMb, maxConnections } = limits ?? {};
  return {
    ...(typeof memoryMb === "number" ? { limitMb: memoryMb } : {}),
    ...(typeof maxConnections === "number" ? { maxConnections } : {}),
  };
}

/** A disabled cache can be measured if the settings say where it is. */
function withTarget(subject: Subject): Subject & { target: Target } {
  const { target } = subject;
  if (target !== undefined) return { ...subject, target };
  throw new PropiqError("The cache is disabled (REDIS_ENABLED=false), and the settings name no other.", {
    code: "SETTINGS_INVALID",
    next: advice("Name a cache with --stack, --env-file or --url.", propiq("advise", "--stack", "dev")),
  });
}

/** @throws PropiqError where the cache cannot be asked, in the words that `verify` has for it */
async function measured(subject: Asked["subject"], { keys, deadline }: AdviseOptions): Promise<Use> {
  const { target } = subject;
  const redact = redactor(secretsOf(target));
  try {
    const use = await measureUse(target, { sampleSize: keys, deadlineMs: deadline * 1000 });
    return withoutSecrets(use, redact);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new PropiqError(
      `The cache at ${endpointOf(target)} cannot be measured: ${error.code}: ${foreignText(error.message, redact)}`,
      { code: "CACHE_NOT_MEASURED", next: adviceFor(error.code, subject), cause: error },
    );
  }
}

/** Names of keys are the app's, and what a server refuses with is its own: neither may hold the password. */
function withoutSecrets(use: Use, redact: (text: string) => string): Use {
  const { keys, refused } = use.sample;
  return {
    ...use,
    sample: {
      ...use.sample,
      keys: keys.map((each) => ({ ...each, key: foreignText(each.key, redact, 60) })),
      refused: refused.map((words) => foreignText(words, redact)),
    },
  };
}
