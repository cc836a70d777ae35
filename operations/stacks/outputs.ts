/** What the state of a stack says, secrets included. It is never shown. */

import { type Advice, advice, followedBy } from "../../base/advice.ts";
import { propiq, pulumi, shell } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { isObject, parseJson } from "../../base/json.ts";
import type { Expectations } from "../../check/expectations.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { isLocalStack, type LocalStack } from "./local-config.ts";
import { runPulumi } from "./run-pulumi.ts";
import { stateAdvice } from "./state-faults.ts";

/** The outputs of a stack, so far as a check needs them. */
export interface StackOutputs {
  plan?: string;
  provider?: string;
  endpoint?: string;
  settings?: Record<string, string>;
  expect?: Expectations;
  /** Null or absent where it is not known, as in the state of an earlier version. */
  limits?: { memoryMb: number | null; maxConnections: number | null };
  /** Since when the cache has its present secret: ISO 8601. Null without a secret, or where nobody knows. */
  rotatedAt?: string | null;
  /** What a month costs, as far as the stack knows. */
  monthlyUsd?: number | null;
  /** Where the settings were written: `kind` is `env-file` or `app-service`, `target` its path or resource id. */
  sinks?: { kind: string; target: string }[];
}

export async function stackOutputs(stack: string): Promise<StackOutputs> {
  const cli = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
  const end = await runPulumi(
    cli,
    ["stack", "output", "--json", "--show-secrets", "--stack", stack, "--non-interactive"],
    {
      stdio: "capture",
    },
  );
  if (end.code === 0) return outputsIn(end.stdout, stack);
  throw stateUnread(stack, end.stderr, "verify");
}

const isText = (value: unknown): boolean => typeof value === "string";

/** What the outputs must be where they exist: other than an update, anyone can write a state. */
const FORMS: Readonly<Record<string, (value: unknown) => boolean>> = {
  plan: isText,
  provider: isText,
  endpoint: isText,
  settings: (value) => isObject(value) && Object.values(value).every(isText),
  expect: isObject,
  limits: isObject,
  rotatedAt: (value) => value === null || isText(value),
  sinks: (value) =>
    Array.isArray(value) && value.every((sink) => isObject(sink) && "kind" in sink && isText(sink["target"])),
};

/** @throws PropiqError where an output is not what an update writes */
export function outputsIn(json: string, stack: string): StackOutputs {
  const outputs = parseJson(json);
  const wrong = isObject(outputs)
    ? Object.entries(outputs).find(([name, value]) => FORMS[name]?.(value) === false)?.[0]
    : "the list of outputs";
  if (wrong === undefined) return outputs as StackOutputs;
  throw new PropiqError(`The state of stack ${stack} is damaged: ${wrong} is not what an update writes.`, {
    code: "STATE_DAMAGED",
    next: advice("An update writes the outputs again.", pulumi(stack, "up")),
  });
}

/** @param said what Pulumi printed as its error @param command to repeat after the fix */
export function stateUnread(stack: string, said: string, command: string): PropiqError {
  const why =
    said
      .trim()
      .split("\n")[0]
      ?.replace(/^error: /, "") ?? "";
  const known = isLocalStack(stack) ? localAdvice(stack, why, command) : stateAdvice(said, stack);
  return new PropiqError(`The state of stack ${stack} could not be read: ${why}`, {
    code: "STATE_UNREADABLE",
    next:
      known === undefined
        ? advice("Try it by hand.", pulumi(stack, "stack", "output"))
        : followedBy(known, propiq(command, "--stack", stack)),
  });
}

function localAdvice(stack: LocalStack, why: string, command: string): Advice | undefined {
  if (/no stack named|not found/.test(why)) {
    const other = stack === "dev" ? "native" : "dev";
    const which = stack === "dev" ? "Without Docker" : "With Docker";
    return advice(
      `Deploy it. ${which}, the stack is ${other}.`,
      propiq("dev"),
      propiq(command, "--stack", other),
    );
  }
  if (!/passphrase/.test(why)) return undefined;
  return advice(
    "PULUMI_CONFIG_PASSPHRASE of this shell is not the passphrase of the stack. Unset it.",
    shell("unset PULUMI_CONFIG_PASSPHRASE"),
  );
}
