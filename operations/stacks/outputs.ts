/** What a stack's state says, secrets included: for this process alone, never to be shown. */

import { PropiqError } from "../../base/errors.ts";
import type { Expectations } from "../../check/expectations.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { isLocalStack, type LocalStack } from "./local-config.ts";
import { runPulumi } from "./run-pulumi.ts";
import { stateHint } from "./state-faults.ts";

/** The outputs of a stack, so far as a check needs them. */
export interface StackOutputs {
  plan?: string;
  provider?: string;
  endpoint?: string;
  settings?: Record<string, string>;
  expect?: Expectations;
  /** Null, or absent in a state of an earlier version, where nobody says. */
  limits?: { memoryMb: number | null; maxConnections: number | null };
  /** Since when the cache has its present secret: ISO 8601. */
  rotatedAt?: string;
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
  if (end.code === 0) return JSON.parse(end.stdout) as StackOutputs;
  throw stateUnread(stack, end.stderr, "verify");
}

/** @param said what Pulumi printed as its error @param command to type again once it is mended */
export function stateUnread(stack: string, said: string, command: string): PropiqError {
  const why =
    said
      .trim()
      .split("\n")[0]
      ?.replace(/^error: /, "") ?? "";
  const again = `./propiq-cache ${command} --stack ${stack}`;
  const hint = isLocalStack(stack) ? localHint(stack, why, command) : teamHint(said, stack, again);
  return new PropiqError(`The state of stack ${stack} could not be read: ${why}`, {
    hint: hint ?? `Try it by hand: ./propiq-cache pulumi stack output --stack ${stack}`,
  });
}

function localHint(stack: LocalStack, why: string, command: string): string | undefined {
  if (/no stack named|not found/.test(why)) {
    const other = stack === "dev" ? "native" : "dev";
    const words = stack === "dev" ? "Without Docker it is" : "With Docker it is";
    return `Bring it up: ./propiq-cache dev
${words} stack ${other}: ./propiq-cache ${command} --stack ${other}`;
  }
  if (!/passphrase/.test(why)) return undefined;
  return `This stack was made with another passphrase than the shell's: unset PULUMI_CONFIG_PASSPHRASE, then ./propiq-cache ${command} --stack ${stack}`;
}

function teamHint(said: string, stack: string, again: string): string | undefined {
  const hint = stateHint(said, stack);
  return hint === undefined
    ? undefined
    : `${hint}
Then: ${again}`;
}
