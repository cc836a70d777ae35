/** Which local stack `dev` takes: Docker's, or the one for machines without. */

import { readdir } from "node:fs/promises";
import { commandLine, propiq } from "../../base/command.ts";
import { fromRoot } from "../../base/paths.ts";
import { findDockerEngine } from "../../infra/caches/docker/engine.ts";
import { nativeFolders } from "../../infra/caches/native/folders.ts";
import { CATALOGUE, PLANS, type Plan } from "../../infra/plans/catalogue.ts";
import { findDockerPlugin } from "../../toolchain/docker-plugin.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { type LocalStack, syncLocalConfig } from "./local-config.ts";

export interface Choice {
  stack: LocalStack;
  /** What the stack's config says; a word that is not a plan is reported by the program, with everything else. */
  plan: string;
  config: Readonly<Record<string, unknown>>;
}

/** Says in a line why the stack does not use Docker. */
export async function chooseStack(cli: PulumiCli, say: (line: string) => void): Promise<Choice> {
  const dev = await choiceOf("dev");
  if (dev.plan !== "docker") return dev;
  const engine = await findDockerEngine(process.env);
  if (await nativeIsUp()) {
    if (engine.found) {
      say(
        `Stack native is deployed on this machine, so it stays. To move to Docker, run dev again after: ${commandLine(propiq("dev", "--down"))}`,
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
      `Pulumi's Docker plugin is not available (${plugin.reason}). Taking a redis-server of this machine instead: stack native.`,
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

/** A cache that is up stays where it is: an engine that is started later does not move it by itself. */
async function nativeIsUp(): Promise<boolean> {
  const servers = await readdir(fromRoot(nativeFolders("native"))).catch(() => []);
  return servers.length > 0;
}
