/** The command line: its words, and the one place where an error becomes a message and an exit code. */

import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { commandLine, propiq } from "../base/command.ts";
import { EXIT, explain, explainWithCode, PropiqError } from "../base/errors.ts";
import { safeLines } from "../base/safe-text.ts";
import { requireVerifiedTls } from "../base/verified-tls.ts";
import { DRILL_FORMATS, FAULTS } from "../rehearsal/drill/faults.ts";
import { FAIL_AT, REHEARSAL_FORMATS } from "../rehearsal/scenario/options.ts";
import { endWithParent } from "../toolchain/end-with-parent.ts";
import { ensureStateFolder } from "../toolchain/state-folder.ts";
import { ADVICE_FORMATS, DRIFT_FORMATS, FORMATS, HISTORY_FORMATS } from "./commands/verify-options.ts";
import { leave } from "./leave.ts";
import { print, printError, sayBeside } from "./print.ts";
import { watchStandardOutput } from "./standard-output.ts";

endWithParent();
ensureStateFolder();
const ignored = requireVerifiedTls();
if (ignored !== undefined) sayBeside(ignored);
watchStandardOutput();

const install = ["--install", "install what is missing, or build it, without asking"] as const;

const program = new Command("propiq-cache")
  .description(
    "A Redis cache for your app in every environment: created, checked with real traffic, and connected to the app.",
  )
  .showHelpAfterError(`Run: ${commandLine(propiq("--help"))}\nCode: USAGE`)
  .showSuggestionAfterError()
  .enablePositionalOptions()
  // Its messages repeat the words, which a pipeline may have from a branch name.
  .configureOutput({
    writeOut: (text) => print(safeLines(text)),
    writeErr: (text) => printError(safeLines(text)),
  })
  .exitOverride();

program
  .command("dev")
  .description("start a cache on this machine, check it, and write its settings to .env")
  .option("--down", "remove the server, its settings in the env file, and its state")
  .option("--env-file <file>", "the env file to write")
  .option("--quiet", "print the last line only, or why it failed")
  .option(...install)
  .action(async (options: { down?: boolean; envFile?: string; install?: boolean; quiet?: boolean }) => {
    const { dev, down } = await import("./commands/dev.ts");
    process.exitCode = options.down ? await down(options) : await dev(options);
  });

program
  .command("pulumi")
  .description("run Pulumi with the CLI, plugins and state of this project")
  .argument("[words...]", "handed on to Pulumi as they are")
  .allowUnknownOption()
  .helpOption(false)
  .passThroughOptions()
  .action(async (words: string[]) => {
    const { pulumi } = await import("./commands/pulumi.ts");
    process.exitCode = await pulumi(words);
  });

program
  .command("setup")
  .description("find the tools, install what is missing, and show which ones are used")
  .option(...install)
  .action(async (options: { install?: boolean }) => {
    const { setup } = await import("./commands/setup.ts");
    process.exitCode = await setup({ install: options.install ?? false });
  });

program
  .command("verify")
  .description("check a cache with real traffic; report faults, their impact on users, and how to fix them")
  .option("--stack <name>", "a stack's cache, from its state (may be repeated)", collect)
  .option("--url <url>", "a URL; - reads it from standard input, which keeps a password out of process lists")
  .option("--env-file <file>", "the REDIS_* settings of an env file")
  .option("--app", "with --stack: also check whether its apps use it (needs a sign-in to Azure)")
  .option("--app-name <name>", "the cache in the settings of an App Service (needs a sign-in to Azure)")
  .option("--resource-group <name>", "the resource group of that App Service")
  .option("--slot <name>", "a deployment slot of that App Service")
  .option("--health-url <url>", "URL of the app's health document, which shows whether it uses the cache")
  .addOption(new Option("--format <format>", "what to print").choices(FORMATS).default("text"))
  .option("--report <format=file>", "also write a report to a file (may be repeated)", collect)
  .option("--history <file>", "report changes since the last run, and append this run")
  .addOption(
    new Option("--fail-on <status>", "exit code 1 at this status or worse")
      .choices(["fail", "warn"])
      .default("fail"),
  )
  .option("--deadline <seconds>", "time limit of the whole check", number(0.5, 600), 10)
  .option("--samples <count>", "round trips to measure", number(1, 1000, /^\d+$/), 10)
  .addHelpText("after", "\nWithout a source, REDIS_URL or REDIS_* of the environment are used.")
  .action(async (options: import("./commands/verify-options.ts").VerifyOptions) => {
    const { verify } = await import("./commands/verify.ts");
    process.exitCode = await verify(options);
  });

program
  .command("report")
  .description("show past checks, from the history that verify --history wrote")
  .requiredOption("--history <file>", "the history")
  .addOption(new Option("--format <format>", "what to make").choices(HISTORY_FORMATS).default("text"))
  .option("--output <file>", "write it to a file")
  .action(async (options: import("./commands/verify-options.ts").ReportOptions) => {
    const { report } = await import("./commands/report.ts");
    process.exitCode = await report(options);
  });

program
  .command("advise")
  .description("recommend the cheapest plan that fits the measured use, and show what uses the memory")
  .option("--stack <name>", "a stack's cache, from its state")
  .option("--url <url>", "a URL; - reads it from standard input, which keeps a password out of process lists")
  .option("--env-file <file>", "the REDIS_* settings of an env file")
  .addOption(new Option("--format <format>", "what to print").choices(ADVICE_FORMATS).default("text"))
  .option("--history <file>", "the history of verify --history; use over weeks counts more than one look")
  .option("--keys <count>", "keys to look at; each takes a command or two", number(1, 10_000, /^\d+$/), 500)
  .option("--deadline <seconds>", "time limit of the whole check", number(0.5, 600), 10)
  .addHelpText("after", "\nWithout a source, REDIS_URL or REDIS_* of the environment are used. Reads only.")
  .action(async (options: import("./commands/verify-options.ts").AdviseOptions) => {
    const { adviseCommand } = await import("./commands/advise.ts");
    process.exitCode = await adviseCommand(options);
  });

program
  .command("preflight")
  .description("before an update: check permissions, names, quotas and cost; changes nothing")
  .requiredOption("--stack <name>", "the stack")
  .addOption(new Option("--format <format>", "what to print").choices(["text", "json"]).default("text"))
  .action(async (options: { stack: string; format: "text" | "json" }) => {
    const commands = await import("./commands/preflight.ts");
    process.exitCode = await commands.preflight(options);
  });

program
  .command("drift")
  .description("report changes that others made to the cache or to app settings; changes nothing")
  .requiredOption("--stack <name>", "the stack")
  .addOption(new Option("--format <format>", "what to print").choices(DRIFT_FORMATS).default("text"))
  .action(async (options: import("./commands/verify-options.ts").DriftOptions) => {
    const commands = await import("./commands/drift.ts");
    process.exitCode = await commands.drift(options);
  });

program
  .command("drill")
  .description("run an app against a failing Redis, and report what its users would have seen")
  .argument("<command...>", "the app's command, after --: drill -- node server.js")
  .passThroughOptions()
  .option("--request <url>", "a URL or path to request (may be repeated); default: the health URL", collect)
  .option("--health <url>", "the app's health URL or path; default: what the app prints, or PORT, or 8080")
  .option("--faults <names>", "only these faults, separated by commas")
  .option("--fault-seconds <seconds>", "how long each fault lasts", number(0.5, 600), 10)
  .option("--limit-ms <ms>", "how much a fault may add to the p99 without a cache", number(0, 60_000), 100)
  .option("--requests-per-second <count>", "the rate of requests", number(1, 200), 20)
  .option("--env-file <file>", "further settings of the app")
  .addOption(new Option("--format <format>", "what to print").choices(DRILL_FORMATS).default("text"))
  .option("--report <format=file>", "also write a report to a file (may be repeated)", collect)
  .option(...install)
  .addHelpText("after", `\nFaults: ${FAULTS.join(", ")}.`)
  .action(async (command: string[], options: import("./commands/drill.ts").DrillCommandOptions) => {
    const { drillCommand } = await import("./commands/drill.ts");
    process.exitCode = await drillCommand(command, options);
  });

program
  .command("adopt")
  .description(
    "add a cache that exists already to a stack; finds it by the app's settings and never changes it",
  )
  .requiredOption("--stack <name>", "the stack whose config is written")
  .option("--app-name <name>", "the App Service (default: the one in the stack's config)")
  .option("--resource-group <name>", "the resource group of that App Service")
  .action(async (options: import("./commands/adopt.ts").AdoptOptions) => {
    const commands = await import("./commands/adopt.ts");
    process.exitCode = await commands.adopt(options);
  });

for (const [word, description] of [
  ["off", "disable the cache: the apps run without it; works whatever state the cache is in"],
  ["on", "enable the cache: checks it with the apps' settings first"],
] as const) {
  program
    .command(word)
    .description(description)
    .requiredOption("--stack <name>", "the stack")
    .action(async (options: { stack: string }) => {
      const commands = await import("./commands/off-on.ts");
      process.exitCode = await commands[word](options);
    });
}

const config = program
  .command("config")
  .description("change several config keys of a stack at once, checked before they are written");

config
  .command("set")
  .description("set keys: plan=azure-c0, standby[0]=upstash-free, azure.location=westeurope")
  .argument("<key=value...>", "url=- reads the value from standard input and stores it as a secret")
  .requiredOption("--stack <name>", "the stack")
  .action(async (words: string[], options: { stack: string }) => {
    const commands = await import("./commands/config.ts");
    process.exitCode = await commands.set(words, options);
  });

config
  .command("rm")
  .description("remove keys: azure.adopt standby[0]")
  .argument("<key...>", "a key, or the path of one")
  .requiredOption("--stack <name>", "the stack")
  .action(async (words: string[], options: { stack: string }) => {
    const commands = await import("./commands/config.ts");
    process.exitCode = await commands.rm(words, options);
  });

program
  .command("rotate")
  .description("give the cache a new secret, and prove that the old one is refused")
  .requiredOption("--stack <name>", "the stack")
  .option("--yes", "do not ask")
  .option("--dry-run", "only show what would be done: steps, restarts, users")
  .option("--yes-adopted", "confirm the rotation of an adopted cache")
  .addOption(new Option("--format <format>", "what to print").choices(["text", "json"]).default("text"))
  .option("--report <format=file>", "also write the report to a file (may be repeated)", collect)
  .addHelpText("after", "\nFor a plan external, the new URL is read from standard input.")
  .action(async (options: import("./commands/rotate.ts").RotateOptions) => {
    const commands = await import("./commands/rotate.ts");
    process.exitCode = await commands.rotate(options);
  });

program
  .command("rehearse")
  .description("deploy a stack to emulated clouds on this machine; needs no account and changes nothing real")
  .option("--stack <name>", "the stack whose config is deployed", "prod")
  .option(
    "--plans <plans>",
    "plans to grow through, separated by commas (its own, azure-c0, azure-c1, azure-managed-b0)",
  )
  .option("--requests-per-second <count>", "rate of requests to the app", number(1, 100, /^\d+$/), 10)
  .option("--app-command <command>", "your own app in place of the example; it listens on $PORT")
  .addOption(
    new Option("--fail-at <step>", "make the cloud fail at this step, and show the recovery").choices(
      FAIL_AT,
    ),
  )
  .option("--install", "install what is missing; download the real plugins")
  .option("--shell", "open a shell in which all commands use the emulated clouds")
  .addOption(new Option("--format <format>", "what to print").choices(REHEARSAL_FORMATS).default("text"))
  .option("--report <format=file>", "also write a report to a file (may be repeated)", collect)
  .action(async (options: import("./commands/rehearse.ts").RehearseOptions) => {
    const commands = await import("./commands/rehearse.ts");
    process.exitCode = await commands.rehearse(options);
  });

program
  .command("repair")
  .description("bring a stack, its cache and its apps back to the config")
  .requiredOption("--stack <name>", "the stack")
  .option("--yes", "do not ask")
  .option(
    "--force-unlock",
    "also remove the lock of an update on another machine; first make sure that it has ended",
  )
  .addOption(new Option("--format <format>", "what to print").choices(["text", "json"]).default("text"))
  .option("--report <format=file>", "also write the report to a file (may be repeated)", collect)
  .action(async (options: import("./commands/repair.ts").RepairOptions) => {
    const commands = await import("./commands/repair.ts");
    process.exitCode = await commands.repair(options);
  });

program
  .command("incident")
  .description(
    "report the impact on users, the command that ends it, and what changed before; changes nothing",
  )
  .option("--stack <name>", "a stack; needs no passphrase (needs a sign-in to Azure)")
  .option("--app-name <name>", "an App Service (needs a sign-in to Azure)")
  .option("--resource-group <name>", "the resource group of that App Service")
  .option("--slot <name>", "a deployment slot of that App Service")
  .option("--history <file>", "the history of verify --history; shows when it began")
  .addOption(new Option("--format <format>", "what to print").choices(["text", "json"]).default("text"))
  .option("--report <format=file>", "also write the report to a file (may be repeated)", collect)
  .action(async (options: import("./commands/incident.ts").IncidentOptions) => {
    const commands = await import("./commands/incident.ts");
    process.exitCode = await commands.incident(options);
  });

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function number(min: number, max: number, form = /^\d+(\.\d+)?$/): (text: string) => number {
  return (text) => {
    const value = form.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(
        `It must be a ${form.source.includes(".") ? "" : "whole "}number from ${min} to ${max}.`,
      );
    return value;
  };
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = failed(error);
}
leave(Number(process.exitCode ?? 0));

/** Prints what happened, unless it is printed already. @returns the exit code */
function failed(error: unknown): number {
  // Commander has printed its own message; help and version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.notAsked;
  if (error instanceof PropiqError) {
    printError(safeLines(`\n${explainWithCode(error)}\n`));
    return error.exitCode;
  }
  printError(safeLines(`\n${explain(error)}\n${error instanceof Error ? `${error.stack}\n` : ""}`));
  return EXIT.notAsked;
}
