/** Which local stack `dev` takes: Docker's, or the one for machines without. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findDockerEngine } from "../../infra/caches/docker/engine.ts";
import { CATALOGUE, PLANS, type Plan } from "../../infra/catalogue.ts";
import { findDockerPlugin } from "../toolchain/docker-plugin.ts";
import { stateFolder } from "../toolchain/paths.ts";
import type { PulumiCli } from "../toolchain/pulumi.ts";
import { isLocalStack, type LocalStack, syncLocalConfig } from "./local-config.ts";

export interface Choice {
  stack: LocalStack;
  /** What the stack's config says; a word that is no plan is told by the program, with everything else. */
  plan: string;
  config: Readonly<Record<string, unknown>>;
}

/** Says in a line why it is not Docker, where it is not. */
export async function chooseStack(cli: PulumiCli, say: (line: string) => void): Promise<Choice> {
  const dev = await choiceOf("dev");
  if (dev.plan !== "docker") return dev;
  const engine = await findDockerEngine(process.env);
  if ((await remembered()) === "native") {
    if (engine.found) {
      say(
        "Stack native is up on this machine, so it stays. To move to Docker: npx propiq-cache dev --down, then dev.",
      );
    }
    return await choiceOf("native");
  }
  if (!engine.found) {
    const [first] = engine.tried;
    say(
      `No Docker engine answers (${first?.host}: ${first?.reason}): taking a redis-server of this machine, stack native.`,
    );
    return await choiceOf("native");
  }
  const plugin = await findDockerPlugin(cli, { say });
  if (!plugin.found) {
    say(
      `Pulumi's Docker plugin cannot be had (${plugin.reason}). Taking a redis-server of this machine instead: stack native.`,
    );
    return await choiceOf("native");
  }
  say(`Docker ${engine.version} (${engine.host})`);
  return dev;
}

async function choiceOf(stack: LocalStack): Promise<Choice> {
  const config = await syncLocalConfig(stack);
  return { stack, plan: String(config["propiq-cache:plan"] ?? ""), config };
}

/** The plan's facts, where the config's word is a plan. */
export function factsOf({
  plan,
}: Choice): { plan: Plan; provider: (typeof CATALOGUE)[Plan]["provider"] } | undefined {
  const known = PLANS.find((name) => name === plan);
  return known && { plan: known, provider: CATALOGUE[known].provider };
}

const MEMORY = join(stateFolder, "stacks", "chosen");

async function remembered(): Promise<LocalStack | undefined> {
  const text = (await readFile(MEMORY, "utf8").catch(() => "")).trim();
  return isLocalStack(text) ? text : undefined;
}

/** Remembers what was brought up, so that an engine that starts later does not move the cache by itself. */
export async function rememberChoice(stack: LocalStack): Promise<void> {
  await mkdir(dirname(MEMORY), { recursive: true });
  await writeFile(MEMORY, `${stack}\n`);
}

export async function forgetChoice(): Promise<void> {
  await rm(MEMORY, { force: true });
}
