/** Runs the project's Pulumi on a stack: state, passphrase and config of a local stack are taken care of. */

import { advice } from "../../base/advice.ts";
import { propiq, shell } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { type ChildEnd, type ChildOptions, runChild } from "../../toolchain/child.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { LOCAL_BACKEND, lockOf, projectBackend, removeStaleLocks, stackExists } from "./backend.ts";
import {
  isLocalStack,
  LOCAL_PROJECT,
  type LocalStack,
  localConfigFile,
  syncLocalConfig,
} from "./local-config.ts";
import { ensurePassphrase, PASSPHRASE_FILE } from "./passphrase.ts";
import {
  handlingOf,
  meansSelectedStack,
  needsStack,
  parsePulumiArguments,
  withLocalConfig,
} from "./pulumi-arguments.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Run = Pick<ChildOptions, "stdio" | "onLine" | "input">;

/**
 * Runs `pulumi` with these words, which may name a stack. Makes a local stack that does not exist yet.
 * @throws PropiqError when it was interrupted
 */
export async function runPulumi(cli: PulumiCli, words: readonly string[], run: Run): Promise<ChildEnd> {
  const parsed = parsePulumiArguments(words);
  const stack = meansSelectedStack(parsed) ? await selectedStack(cli) : parsed.stack;
  const env = await environmentOf(cli, stack);
  if (!isLocalStack(stack)) return await runToEnd(cli, words, { ...run, env });
  await syncLocalConfig(stack);
  if (needsStack(parsed)) await ensureStack(cli, stack, env);
  const local = { configFile: localConfigFile(stack), project: LOCAL_PROJECT };
  return await runToEnd(cli, withLocalConfig(words, handlingOf(parsed), local), { ...run, env });
}

/** The stack that `pulumi stack select` chose, if any. */
async function selectedStack(cli: PulumiCli): Promise<string | undefined> {
  const words = ["stack", "--show-name", "--non-interactive"];
  const { code, stdout } = await runToEnd(cli, words, {
    stdio: "capture",
    env: await environmentOf(cli, undefined),
  });
  return code === 0 ? stdout.trim() : undefined;
}

async function runToEnd(
  { bin }: PulumiCli,
  words: readonly string[],
  options: ChildOptions,
): Promise<ChildEnd> {
  const end = await runChild(bin, words, options);
  if (end.cut === undefined && end.signal !== "SIGINT") return end;
  throw new PropiqError("Interrupted.", {
    code: "INTERRUPTED",
    next: advice("The next run completes or removes what is incomplete."),
    exitCode: EXIT.interrupted,
  });
}

/** What Pulumi finds in its environment. Variables that are set already win. */
async function environmentOf(cli: PulumiCli, stack: string | undefined): Promise<Environment> {
  const local = isLocalStack(stack);
  const backend = local ? LOCAL_BACKEND : await projectBackend();
  if (local) await ensurePassphrase();
  const hasPassphrase =
    process.env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || process.env["PULUMI_CONFIG_PASSPHRASE_FILE"];
  return {
    ...process.env,
    ...cli.env,
    ...(process.env["PULUMI_BACKEND_URL"] || backend === undefined ? {} : { PULUMI_BACKEND_URL: backend }),
    ...(local && !hasPassphrase ? { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE } : {}),
    ...(stack === "dev" ? await dockerEnvironment() : {}),
  };
}

/** The engine that we found is the one that Pulumi's Docker plugin shall use; it looks in fewer places itself. */
async function dockerEnvironment(): Promise<Environment> {
  const { findDockerEngine } = await import("../../infra/caches/docker/engine.ts");
  const engine = await findDockerEngine(process.env);
  // A context would win over the host.
  return engine.found ? { DOCKER_HOST: engine.host, DOCKER_CONTEXT: "" } : {};
}

/** The back end of a local stack. */
export function localBackend(): string {
  return process.env["PULUMI_BACKEND_URL"] || LOCAL_BACKEND;
}

/** Makes the state of a local stack if it has none. Prints nothing on success. */
async function ensureStack(cli: PulumiCli, stack: LocalStack, env: Environment): Promise<void> {
  const exists = await stackExists(localBackend(), stack);
  if (exists) return;
  const words = ["-C", LOCAL_PROJECT, "stack", "init", stack, "--no-select", "--non-interactive"];
  const end = await runToEnd(cli, words, { stdio: "capture", env });
  // A back end that we cannot read answers so for a stack that exists.
  if (end.code === 0 || (exists === undefined && end.stderr.includes("already exists"))) return;
  throw new PropiqError(`Pulumi could not make stack ${stack}: ${firstLine(end.stderr)}`, {
    code: "PULUMI_FAILED",
    next: end.stderr.includes("passphrase")
      ? advice(
          "PULUMI_CONFIG_PASSPHRASE of this shell is not the passphrase of the stack. Unset it and try again.",
          shell("unset PULUMI_CONFIG_PASSPHRASE"),
        )
      : advice("Try it by hand.", propiq("pulumi", "stack", "init", stack)),
  });
}

function firstLine(text: string): string {
  const line = text.split("\n").find((candidate) => candidate.trim() !== "");
  return (line ?? "it said nothing").replace(/^error: /, "").slice(0, 300);
}

/** For a local stack that fails while the shell sets a passphrase, which may belong to another stack. */
export function passphraseDoubt(): string {
  return process.env["PULUMI_CONFIG_PASSPHRASE"] === undefined
    ? ""
    : " If Pulumi names a passphrase: PULUMI_CONFIG_PASSPHRASE is set in this shell and may belong to another stack. Unset it.";
}

/**
 * @returns whether a lock exists whose process does not run any more
 * @throws PropiqError when another update of the stack is running
 */
export async function refuseIfRunning(stack: LocalStack): Promise<boolean> {
  const lock = await lockOf(localBackend(), stack);
  if (!lock.held || lock.stale) return lock.held;
  throw new PropiqError(`Another update of stack ${stack} is running (process ${lock.pid}).`, {
    code: "STACK_LOCKED",
    next: advice("Wait for it to end, then try again. If it hangs, end that process first."),
  });
}

/**
 * Clears the lock that a killed update of this machine left on a local stack.
 * @throws PropiqError when another update is really running
 */
export async function clearStaleLock(stack: LocalStack, say: (line: string) => void): Promise<void> {
  const isStale = await refuseIfRunning(stack);
  if (!isStale) return;
  say(`An earlier run of stack ${stack} was killed. Its lock is removed.`);
  await removeStaleLocks(localBackend(), stack);
}
