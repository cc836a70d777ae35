/** The stage of a rehearsal: clouds, a copy of the project, and the environment of its commands. */

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { monthlyUsd, type Plan } from "../../infra/plans/catalogue.ts";
import type { AppOptions } from "../azure/app-runner.ts";
import { installReal, installStandIn } from "../plugins/install.ts";
import { makeAuthority } from "../tls.ts";
import { type Clouds, startClouds } from "./clouds.ts";
import { mapConfig, needsOf, readStackFile, withKey, withPlan } from "./config.ts";
import { appEnvironment, commandEnvironment, MARKER } from "./environment.ts";
import { type Isolation, watchAttempts } from "./isolation.ts";
import { copyProject } from "./project.ts";
import { PLUGIN_NAMES, type PluginName, type RehearsalReport } from "./report.ts";

export interface StageOptions {
  stack: string;
  /** The stack's own config file. */
  stackText: string;
  folder: string;
  isolation: Isolation;
  /** Where our programs write what they refused. */
  attemptsFile: string;
  /** Programs of the real plugins. */
  realPlugins: Partial<Record<PluginName, string>>;
  /** The team's own app: a command line, and the environment and folder of their shell. */
  appCommand?: { line: string; cwd: string; env: Record<string, string> };
}

export interface Stage {
  stack: string;
  root: string;
  launcher: string;
  env: Record<string, string>;
  clouds: Clouds;
  /** The configured plan. */
  plan: Plan;
  hasApps: boolean;
  notMapped: string[];
  plugins: RehearsalReport["plugins"];
  /** Path of the app's health document. */
  healthPath: string;
  /** Writes the config of the next deploy. @param fails a failure is expected: then nothing waits its real time */
  deployNext(plan: Plan, fails: boolean): Promise<void>;
  /** What a plan costs beyond the stack's own budget. */
  budgetNote(plan: Plan): string | undefined;
  /** What tried to leave this machine since the last call. */
  attempts(): Promise<string[]>;
  /** What the emulators did not know since the last call. */
  defects(): string[];
  stop(): Promise<void>;
}

/** A team's app may load for long; Azure waits 230 s for it. */
const OWN_APP_START_MS = 60_000;
/** The shortest that the config allows: a rehearsed failure need not take its real time. */
const SHORT_RESTART_SECONDS = 20;

export async function setStage(options: StageOptions): Promise<Stage> {
  const { stack, stackText, folder, isolation, attemptsFile, realPlugins, appCommand } = options;
  const file = readStackFile(stack, stackText);
  const needs = needsOf(file);
  const { plan, apps } = file.settings;
  const caFile = join(folder, "authorities.pem");
  const app: AppOptions = {
    alwaysOn: true,
    ...(appCommand === undefined
      ? {}
      : {
          command: { ...appCommand, env: appEnvironment(appCommand.env, process.env[MARKER] ?? "", caFile) },
          startLimitMs: OWN_APP_START_MS,
        }),
  };
  const authority = await makeAuthority();
  // An app reads it at its start.
  await writeFile(caFile, [authority.certificate, ...(await machineAuthorities())].join("\n"));
  const [clouds, copy] = await Promise.all([
    startClouds(needs, { authority, app, ownApp: appCommand !== undefined }),
    copyProject(folder, stack),
  ]);
  const pulumiHome = join(folder, "home", ".pulumi");
  await mkdir(pulumiHome, { recursive: true });
  const plugins = await installPlugins(
    pulumiHome,
    realPlugins,
    join(copy.root, "rehearsal", "plugins", "stand-in"),
  );
  const env = commandEnvironment(kept(process.env), {
    pulumiHome,
    passphrase: randomBytes(12).toString("hex"),
    caFile: clouds.authority.own.cert,
    clouds: clouds.env,
    proxy: clouds.upstash.env["HTTPS_PROXY"] ?? "",
  });
  const { text, notMapped } = mapConfig(file, {
    subscriptionId: clouds.azure.subscriptionId,
    hostOf: (name, slot) => clouds.azure.site(name, slot).app.host,
    ...(clouds.adoptedDatabase === undefined ? {} : { adoptedDatabase: clouds.adoptedDatabase }),
    ownApp: appCommand !== undefined,
  });
  await copy.writeStack(text);
  const command = (words: readonly string[], input?: string) =>
    mustRun([copy.launcher, ...words], { cwd: copy.root, env, ...(input === undefined ? {} : { input }) });
  await command(["pulumi", "stack", "init", stack, "--non-interactive"]);
  if (clouds.external !== undefined) {
    const set = [
      "pulumi",
      "config",
      "set",
      "--secret",
      "propiq-cache:url",
      "--stack",
      stack,
      "--non-interactive",
    ];
    await command(set, clouds.external.url);
  }
  const configured = await copy.readStack();
  const watch = watchAttempts(isolation, attemptsFile, clouds.upstash.refusedHosts);
  const budgetUsd = budgetOf(file.values, stack);
  let defectsSeen = 0;
  return {
    ...{ stack, root: copy.root, launcher: copy.launcher, env, clouds, plan, notMapped, plugins },
    hasApps: apps.length > 0,
    healthPath: healthPathOf(apps[0]?.healthUrl, appCommand !== undefined),
    async deployNext(next, fails) {
      const planned = next === plan ? configured : withPlan(configured, next, costOf(next));
      const [app] = apps;
      // A list of apps has no single key to shorten.
      const isOne = apps.length === 1 && app !== undefined && !Array.isArray(file.values["propiq-cache:app"]);
      const key = ["app", "restartTimeoutSeconds"];
      await copy.writeStack(fails && isOne ? withKey(planned, key, SHORT_RESTART_SECONDS) : planned);
    },
    budgetNote(next) {
      const cost = costOf(next);
      if (next === plan || budgetUsd === undefined || cost <= budgetUsd) return undefined;
      return `${next} costs $${cost.toFixed(2)} a month, more than the $${budgetUsd} that the stack allows.`;
    },
    attempts: () => watch.attempts(),
    defects() {
      const all = [...clouds.azure.defects, ...clouds.upstash.defects];
      const fresh = all.slice(defectsSeen);
      defectsSeen = all.length;
      return fresh;
    },
    // What they did not know was reported with its step.
    stop: () => clouds.stop().catch(() => {}),
  };
}

const kept = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

const costOf = (plan: Plan): number => monthlyUsd(plan) ?? 0;

function budgetOf(values: Readonly<Record<string, unknown>>, stack: string): number | undefined {
  const budget = values["propiq-cache:monthlyBudgetUsd"];
  if (budget === undefined) return stack === "prod" ? 25 : undefined;
  return Number(budget);
}

function healthPathOf(healthUrl: string | undefined, isOwn: boolean): string {
  return healthUrl !== undefined && isOwn ? new URL(healthUrl).pathname : "/health";
}

async function installPlugins(
  pulumiHome: string,
  real: Partial<Record<PluginName, string>>,
  standIn: string,
): Promise<RehearsalReport["plugins"]> {
  const kinds: RehearsalReport["plugins"] = { "azure-native": "stand-in", upstash: "stand-in" };
  for (const name of PLUGIN_NAMES) {
    const program = real[name];
    if (program === undefined) await installStandIn(name, pulumiHome, standIn);
    else {
      await installReal(name, pulumiHome, program);
      kinds[name] = "real";
    }
  }
  return kinds;
}

/** What the machine trusts, by the usual places: an app of the team's may ask others. */
async function machineAuthorities(): Promise<string[]> {
  const files = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
  ];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  return texts.filter((text) => text !== "").slice(0, 1);
}

/** @throws PropiqError with what it printed */
async function mustRun(
  args: readonly string[],
  { cwd, env, input }: { cwd: string; env: Record<string, string>; input?: string },
): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (output += String(text)));
  child.stdin?.end(input);
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) {
    throw new PropiqError(`The rehearsal could not be prepared.\n${output.trim()}`, {
      code: "REHEARSAL_FAILED",
      next: advice("", propiq("setup")),
    });
  }
}
