/** One rehearsal, from the user's shell: what it needs, its confinement, and its end in every case. */

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, realpath, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { advice } from "../../base/advice.ts";
import { propiq, shell } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { CATALOGUE, isLocal, type Plan } from "../../infra/plans/catalogue.ts";
import { readStackConfig } from "../../operations/stacks/config-file.ts";
import { programs } from "../../toolchain/on-path.ts";
import { ensurePulumi, type PulumiCli } from "../../toolchain/pulumi.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { downloadRealPlugin, findRealPlugin } from "../plugins/real.ts";
import { readStackFile } from "./config.ts";
import { basicEnvironment } from "./environment.ts";
import { startGuarded, startSweeper } from "./guarded.ts";
import { type Confinement, confine } from "./isolation.ts";
import type { Job, Message } from "./job.ts";
import type { FailAt } from "./options.ts";
import { PLUGIN_NAMES, type PluginName, type RehearsalReport } from "./report.ts";

export interface RehearsalOptions {
  stack: string;
  /** The default ones where absent. */
  plans?: readonly Plan[];
  requestsPerSecond: number;
  appCommand?: string;
  failAt?: FailAt;
  install: boolean;
  shell: boolean;
  say(line: string): void;
  /** Of the steps, while they run. */
  onMessage(message: Extract<Message, { kind: "began" | "ended" }>): void;
}

/** `attempts`: what a program in the shell tried to connect to. */
export type Outcome = { report: RehearsalReport } | { shellCode: number; attempts: readonly string[] };

/** Besides the stack's own plan. */
const DEFAULT_PLANS: readonly Plan[] = ["azure-c0", "azure-c1", "azure-managed-b0"];

/** @throws PropiqError where it could not run, or was interrupted */
export async function rehearse(options: RehearsalOptions): Promise<Outcome> {
  const { stack, install, say, plans, appCommand, failAt, shell, requestsPerSecond } = options;
  refuseSystem();
  const { text, plan } = await stackOf(stack);
  const chosen = refuseLocal(plans ?? [plan, ...DEFAULT_PLANS]);
  const tools = await toolsOf(install, say);
  const realPlugins = await pluginsOf(tools.cli, install, say);
  // A team's own app needs its database, and a network of our own would keep it from that.
  const confinement: Confinement =
    appCommand === undefined ? await confine(process.env) : { isolation: "proxy", within: [] };
  const folder = await realpath(await mkdtemp(join(tmpdir(), "propiq-rehearsal-")));
  const marker = `propiq-${randomBytes(12).toString("hex")}`;
  const sweeper = startSweeper(marker, folder);
  const attemptsFile = join(folder, "attempts");
  const job: Job = {
    ...{ stack, folder, attemptsFile, realPlugins, requestsPerSecond, shell },
    stackText: text,
    isolation: confinement.isolation,
    plans: chosen,
    ...(failAt === undefined ? {} : { failAt }),
    ...(appCommand === undefined
      ? {}
      : { appCommand: { line: appCommand, cwd: process.cwd(), env: plainEnvironment() } }),
  };
  const outcome: { value?: Outcome; error?: PropiqError } = {};
  const guarded = startGuarded({
    within: confinement.within,
    env: basicEnvironment({
      ...{ env: process.env, folder, marker, cliFolder: await binFolder(folder, tools) },
      attempts: attemptsFile,
      hook: join(import.meta.dirname, "loopback-only.cjs"),
    }),
    ...{ sweeper, folder, job },
    onMessage(message) {
      if (message.kind === "say") say(message.line);
      else if (message.kind === "report") outcome.value = { report: message.report };
      else if (message.kind === "shell-ended")
        outcome.value = { shellCode: message.code, attempts: message.attempts };
      else if (message.kind === "failed") {
        const details =
          message.stack === undefined ? message.message : `${message.message}\n${message.stack}`;
        outcome.error = new PropiqError(details, { code: message.code, next: message.next });
      } else options.onMessage(message);
    },
  });
  const how = await guarded.ended;
  await sweeper.sweep();
  if (how !== "ended") {
    throw new PropiqError(
      "Interrupted. Everything that the rehearsal started has ended, and its folder is deleted.",
      {
        code: "INTERRUPTED",
        next: advice("", propiq("rehearse", "--stack", stack)),
        exitCode: EXIT.interrupted,
      },
    );
  }
  if (outcome.error !== undefined) throw outcome.error;
  if (outcome.value !== undefined) return outcome.value;
  throw new PropiqError("The rehearsal's process ended without a report.", {
    code: "REHEARSAL_FAILED",
    next: advice("Its last output, if any, is above. Run it again."),
  });
}

function refuseSystem(): void {
  if (process.platform !== "win32") return;
  throw new PropiqError("rehearse runs on Linux and macOS.", {
    code: "SYSTEM_UNSUPPORTED",
    next: advice("On Windows, use WSL."),
  });
}

/** @throws PropiqError where the config is wrong in anything but its budget, which the rehearsal judges itself */
async function stackOf(stack: string): Promise<{ text: string; plan: Plan }> {
  const text = await readFile(join(PROJECT_ROOT, `Pulumi.${stack}.yaml`), "utf8").catch(() => "");
  let plan: Plan;
  try {
    plan = readStackFile(stack, text).settings.plan;
  } catch (error) {
    // It has the words for a stack that does not exist, and for a config that is wrong.
    await readStackConfig(stack);
    throw error;
  }
  if (isLocal(plan)) {
    throw new PropiqError(
      `Stack ${stack} has plan ${plan}: its cache runs on this machine, and needs no rehearsal.`,
      {
        code: "USAGE",
        next: advice("", propiq("dev")),
      },
    );
  }
  return { text, plan };
}

function refuseLocal(plans: readonly Plan[]): readonly Plan[] {
  const local = plans.filter((plan) => isLocal(plan) || plan === "external");
  const others = plans.filter((plan) => !local.includes(plan));
  // The stack's own may be external: then the others come after it.
  if (local.length === 0 || (local.length === 1 && plans[0] === "external")) return plans;
  const known = Object.keys(CATALOGUE).filter((plan) => !isLocal(plan as Plan) && plan !== "external");
  throw new PropiqError(`--plans takes plans in a cloud, and ${local.join(", ")} is not one.`, {
    code: "USAGE",
    next: advice(`Plans in a cloud: ${(others.length > 0 ? others : known).join(", ")}`),
  });
}

interface Tools {
  cli: PulumiCli;
  redisServer: string;
}

async function toolsOf(install: boolean, say: (line: string) => void): Promise<Tools> {
  const wish = { install: install ? "yes" : "ask", say, env: process.env } as const;
  const cli = await ensurePulumi(wish);
  const { bin } = await ensureRedisServer(wish);
  for (const program of ["openssl"]) {
    if (programs(program, process.env).length > 0) continue;
    throw new PropiqError(
      `${program} is not on this machine. It makes the certificates of the emulated clouds.`,
      {
        code: "TOOL_MISSING",
        next: advice("", shell(`apt-get install ${program}`)),
      },
    );
  }
  return { cli, redisServer: bin };
}

/** Comes first on PATH: the server by the name that the emulators start. */
async function binFolder(folder: string, { cli, redisServer }: Tools): Promise<string> {
  const bin = join(folder, "bin");
  await Promise.all([bin, join(folder, "tmp"), join(folder, "home")].map((each) => mkdir(each)));
  await symlink(redisServer, join(bin, "redis-server"));
  return `${bin}:${dirname(cli.bin)}`;
}

async function pluginsOf(
  cli: PulumiCli,
  install: boolean,
  say: (line: string) => void,
): Promise<Partial<Record<PluginName, string>>> {
  const found: Partial<Record<PluginName, string>> = {};
  for (const name of PLUGIN_NAMES) {
    let program = await findRealPlugin(name, process.env);
    if (program === undefined && install) {
      const why = await downloadRealPlugin(name, cli, { say, env: process.env });
      if (why !== undefined) say(`Plugin ${name} is not available: ${why}. Its stand-in is used.`);
      program = await findRealPlugin(name, process.env);
    }
    if (program !== undefined) found[name] = program;
  }
  return found;
}

const plainEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
