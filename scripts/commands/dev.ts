/** `dev`: creates a cache on this machine, verifies it, and writes its settings to the env file. `--down` removes all of it. */

import { type Advice, advice, adviceLines } from "../../base/advice.ts";
import { commandLine, propiq } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { fromRoot, toStored } from "../../base/paths.ts";
import { checkCache } from "../../check/check.ts";
import { rendererOf } from "../../check/render/load.ts";
import { reportSet } from "../../check/report-set.ts";
import type { Target } from "../../check/target.ts";
import { forgetStack, stackExists } from "../../operations/stacks/backend.ts";
import { type Choice, chooseStack, factsOf } from "../../operations/stacks/choice.ts";
import { sharedMachineAdvice, trackedAdvice } from "../../operations/stacks/exposure.ts";
import {
  ENV_FILE,
  forgetRun,
  LOCAL_STACKS,
  type LocalStack,
  setLocalConfig,
  syncLocalConfig,
} from "../../operations/stacks/local-config.ts";
import { forgetPassphrase } from "../../operations/stacks/passphrase.ts";
import {
  clearStaleLock,
  localBackend,
  passphraseDoubt,
  refuseIfRunning,
  runPulumi,
} from "../../operations/stacks/run-pulumi.ts";
import { sweep } from "../../operations/stacks/sweep.ts";
import { subjectFromEnvFile } from "../../operations/subjects/sources.ts";
import { ensurePulumi, type PulumiCli } from "../../toolchain/pulumi.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { printReport, say } from "../print.ts";
import { terminal } from "./output.ts";

const sayLine = say;
const DEV = propiq("dev");
const DOWN = propiq("dev", "--down");

interface DevOptions {
  envFile?: string;
  install?: boolean;
  /** Print the last line only, or why it failed. */
  quiet?: boolean;
}

export function dev(options: DevOptions): Promise<number> {
  return orInterrupted(
    bringUp(options),
    advice("Continue with the first command, or remove everything with the second.", DEV, DOWN),
  );
}

/** Removes what `dev` made: servers, settings in env files, state, passphrase. */
export function down(options: DevOptions): Promise<number> {
  return orInterrupted(removeAll(options), advice("Continue.", DOWN));
}

/** Says what to type after a Ctrl-C, whatever step it came in. */
async function orInterrupted(work: Promise<number>, next: Advice): Promise<number> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PropiqError) || error.exitCode !== EXIT.interrupted) throw error;
    throw new PropiqError("Interrupted.", {
      code: "INTERRUPTED",
      next,
      exitCode: EXIT.interrupted,
      cause: error,
    });
  }
}

async function bringUp({ envFile, install, quiet = false }: DevOptions): Promise<number> {
  const say = quiet ? () => {} : sayLine;
  const consent = install ? "yes" : "ask";
  const cli = await ensurePulumi({ install: consent, say, env: process.env });
  say(`Pulumi ${cli.version} (${cli.source})`);
  const choice = withEnvFile(await chooseStack(cli, say), envFile);
  if (choice.plan === "native") {
    const server = await ensureRedisServer({ install: consent, say, env: process.env });
    say(`redis-server ${server.version} (${server.bin})`);
  }
  if (envFile !== undefined) await setLocalConfig(choice.stack, ENV_FILE, envFileOf(choice));
  await clearStaleLock(choice.stack, say);
  const isNew = await up(cli, choice, say);
  return await proven(cli, choice, { isNew, quiet });
}

/** A path on the command line is set for this machine, as `pulumi config set envFile` would. */
function withEnvFile(choice: Choice, path: string | undefined): Choice {
  return path === undefined
    ? choice
    : { ...choice, config: { ...choice.config, [ENV_FILE]: toStored(path) } };
}

function envFileOf({ config }: Choice): string {
  return String(config[ENV_FILE] ?? ".env");
}

/**
 * One update. The refresh sees what another tool, or a killed update, changed. A new stack does not need it.
 * @returns whether the stack is new
 */
async function up(cli: PulumiCli, { stack }: Choice, say: (line: string) => void): Promise<boolean> {
  const isNew = !(await stackExists(localBackend(), stack));
  const words = [
    "up",
    "--stack",
    stack,
    "--yes",
    "--skip-preview",
    "--suppress-outputs",
    "--suppress-permalink=true",
    // Its live display would read Ctrl-C itself, and end as if it had failed.
    "--non-interactive",
    ...(isNew ? [] : ["--refresh"]),
  ];
  const hidden: string[] = [];
  const end = await runPulumi(cli, words, {
    stdio: "capture",
    onLine: (line) => (isRepeated(line) ? hidden.push(line) : say(line)),
  });
  if (end.code === 0) return isNew;
  // In quiet mode nothing was shown yet.
  if (say !== sayLine) for (const line of `${end.stdout}\n${end.stderr}`.split("\n")) sayLine(line);
  await refuseIfRunning(stack);
  if (end.signal !== null) {
    throw new PropiqError(`Pulumi was ended by ${end.signal}.`, {
      code: "PULUMI_FAILED",
      next: advice("Continue.", DEV),
    });
  }
  throw new PropiqError(`Stack ${stack} could not be deployed. Pulumi reports the reason above.`, {
    code: "PULUMI_FAILED",
    next: advice(`Fix it, then run dev again. Or remove everything.${passphraseDoubt()}`, DEV, DOWN),
  });
}

/** The rows of the proof: the report that follows says the same, with the settings that the app reads. */
function isRepeated(line: string): boolean {
  return (
    /^ {0,2}[-+~@.>< ]{1,3} *propiq:index:VerifiedCache /.test(line) || /^@ \w+ing\.+$/.test(line.trim())
  );
}

interface Run {
  isNew: boolean;
  quiet: boolean;
}

/** The check with the settings as an app reads them, and what to do next. */
async function proven(cli: PulumiCli, choice: Choice, { isNew, quiet }: Run): Promise<number> {
  const { stack } = choice;
  const path = envFileOf(choice);
  const [subject, changed] = await Promise.all([
    subjectFromEnvFile(fromRoot(path)),
    // In a new stack everything changed, and asking takes another start of Pulumi.
    isNew || quiet || changedLast(cli, stack),
  ]);
  const report = await checkCache({ ...subject, ...factsOf(choice), stack, evictionExpected: true });
  if (!quiet || report.verdict === "failed") {
    sayLine("");
    printReport((await rendererOf("text"))(reportSet([report], new Date()), terminal()));
    sayLine("");
  }
  if (report.verdict === "failed") return EXIT.no;
  if (!quiet) {
    for (const line of await exposureLines(choice, subject.target)) sayLine(line);
    sayLine("Next      start your app with them");
    sayLine(`Check     ${commandLine(propiq("verify", "--env-file", path))}`);
    sayLine(`Remove    ${commandLine(propiq("dev", "--down"))}`);
  }
  sayLine(`${changed ? "" : "Nothing had to be changed. "}The settings are in ${path}.`);
  return 0;
}

async function exposureLines(choice: Choice, target: Target | undefined): Promise<string[]> {
  const hasPassword = target?.password !== undefined;
  const isLocal = choice.plan === "docker" || choice.plan === "native";
  const found = [
    hasPassword ? await trackedAdvice(envFileOf(choice)) : undefined,
    isLocal && !hasPassword ? await sharedMachineAdvice(choice.stack) : undefined,
  ];
  return found.flatMap((each) => (each === undefined ? [] : [...adviceLines(each), ""]));
}

/** Whether the last update changed anything, from the stack's own history. */
async function changedLast(cli: PulumiCli, stack: LocalStack): Promise<boolean> {
  const words = ["stack", "history", "--json", "--page-size", "1", "--stack", stack, "--non-interactive"];
  const end = await runPulumi(cli, words, { stdio: "capture" });
  if (end.code !== 0) return true;
  const [last] = JSON.parse(end.stdout) as { resourceChanges?: Record<string, number> }[];
  return Object.entries(last?.resourceChanges ?? {}).some(([kind, count]) => kind !== "same" && count > 0);
}

async function removeAll({ install }: DevOptions): Promise<number> {
  const consent = install ? "yes" : "ask";
  for (const stack of LOCAL_STACKS) {
    const config = await syncLocalConfig(stack);
    const exists = (await stackExists(localBackend(), stack)) ?? true;
    if (exists) {
      const cli = await ensurePulumi({ install: consent, say, env: process.env });
      await clearStaleLock(stack, say);
      await destroy(cli, stack);
    }
    await sweep(stack, config);
    await forgetStack(localBackend(), stack);
    await forgetRun(stack, say);
  }
  await forgetPassphrase();
  say(`Removed: the servers, the settings in the env file, the state. To start again: ${commandLine(DEV)}`);
  return 0;
}

async function destroy(cli: PulumiCli, stack: LocalStack): Promise<void> {
  const words = [
    "destroy",
    "--stack",
    stack,
    "--yes",
    "--skip-preview",
    "--refresh",
    "--suppress-outputs",
    "--suppress-permalink=true",
    "--non-interactive",
  ];
  const end = await runPulumi(cli, words, {
    stdio: "capture",
    // Pulumi advises to remove the stack itself, which is what comes next.
    onLine: (line) => {
      if (!/^(The resources in the stack have been deleted|If you want to remove the stack)/.test(line))
        say(line);
    },
  });
  if (end.code === 0) return;
  throw new PropiqError(`Stack ${stack} could not be removed. Pulumi reports the reason above.`, {
    code: "PULUMI_FAILED",
    next: advice(
      `${stack === "dev" ? "If Docker is not running, start it." : "Fix it."} Then run this again.${passphraseDoubt()}`,
      DOWN,
    ),
  });
}
