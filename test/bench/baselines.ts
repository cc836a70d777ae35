/** What ours is measured against: the least that Pulumi takes, and what a team would write without us. */
import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { stateFolder } from "../../toolchain/paths.ts";
import { withProgress } from "../../toolchain/progress.ts";
import { type Environment, run, type Stack, stackOf, UP } from "./environment.ts";
import type { Tools } from "./workshop.ts";

const BASELINES = join(import.meta.dirname, "baselines");

/** The smallest script that asks a Redis whether it is there; finds it by REDIS_URL. */
export const PING = join(BASELINES, "ping.ts");

export interface Empty extends Stack {
  /** Takes the stack away, so that it can be made again. */
  forget(): Promise<void>;
}

/** An empty TypeScript program that finds the same SDK, run by Node itself like ours. */
export async function bringUpEmpty({ cli, folder, say }: Tools, env: Environment): Promise<Empty> {
  say("bringing up the empty program");
  const home = join(folder, "empty");
  const at = join(home, "program");
  const state = join(home, "state");
  const passphraseFile = join(home, "passphrase");
  await mkdir(state, { recursive: true });
  await cp(join(BASELINES, "empty"), at, { recursive: true });
  await symlink(join(PROJECT_ROOT, "node_modules"), join(home, "node_modules"));
  await writeFile(passphraseFile, "empty\n");
  const stack = stackOf(cli, env, { stack: "empty", at, state, passphraseFile });
  await run(stack.pulumi("stack", "init"));
  await run(stack.pulumi(...UP));
  return {
    ...stack,
    forget: async () => {
      await rm(state, { recursive: true });
      await mkdir(state);
      await rm(join(at, "Pulumi.empty.yaml"));
    },
  };
}

/** The caches that the template knows. */
export type TemplatePlan = "docker" | "external" | "upstash" | "azure";

/** Pulumi's usual TypeScript template, whole SDKs beside the program. */
export async function bringUpTemplate(
  { cli, folder, say, atEnd }: Tools,
  plan: TemplatePlan,
  env: Environment,
): Promise<Stack> {
  const at = join(stateFolder, "bench", "template");
  await installTemplate(at, say);
  say("bringing up the template's stack");
  const home = join(folder, `template-${plan}`);
  const state = join(home, "state");
  const passphraseFile = join(home, "passphrase");
  await mkdir(state, { recursive: true });
  await writeFile(passphraseFile, "template\n");
  await writeFile(join(at, `Pulumi.${plan}.yaml`), await configOf(plan));
  const stack = stackOf(cli, env, { stack: plan, at, state, passphraseFile });
  await run(stack.pulumi("stack", "init"));
  await run(stack.pulumi(...UP));
  atEnd(() => run(stack.pulumi("destroy", "--yes", "--skip-preview", "--non-interactive")));
  return stack;
}

async function configOf(plan: TemplatePlan): Promise<string> {
  const url = "redis://127.0.0.1:6379/0";
  const values = { plan, port: await freePort(), url, resourceGroup: "propiq-rg" };
  return `config:\n${Object.entries(values)
    .map(([key, value]) => `  template:${key}: ${value}\n`)
    .join("")}`;
}

/** Its packages are 270 MB, so they are kept between runs; what is installed is reported by a copy of the lock file. */
async function installTemplate(at: string, say: Tools["say"]): Promise<void> {
  const source = join(BASELINES, "template");
  const wanted = await readFile(join(source, "package-lock.json"), "utf8");
  const mark = join(at, "installed.json");
  const installed = await readFile(mark, "utf8").catch(() => "");
  await cp(source, at, { recursive: true });
  // As text in the repository, whose own compiler and linter have not got its packages.
  await rename(join(at, "index.ts.txt"), join(at, "index.ts"));
  if (installed === wanted) return;
  const what = "installing the usual template's packages, 270 MB, once";
  say(what);
  await withProgress(
    say,
    (seconds) => `${what}: ${seconds} s`,
    () =>
      run({ words: ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd: at, env: process.env }),
  );
  await writeFile(mark, wanted);
}
