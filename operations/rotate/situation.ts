/** What is there before a rotation, and whether it may begin: the deployed cache, and what each user of it holds. */
import { readFile } from "node:fs/promises";
import { type Advice, advice } from "../../base/advice.ts";
import { propiq, pulumi } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { fromRoot } from "../../base/paths.ts";
import type { Target } from "../../check/target.ts";
import { CATALOGUE, isLocal } from "../../infra/plans/catalogue.ts";
import { readBlock } from "../../infra/provider/env-file/block.ts";
import { upstashHost } from "../../infra/upstash/database.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import type { StateResource } from "../drift/state.ts";
import { inWords } from "../stacks/azure.ts";
import { readStackConfig, type StackConfig } from "../stacks/config-file.ts";
import { editedKeys, type HeldApp, readHeld, targetIn } from "../stacks/held.ts";
import { deployedSettings, stackLock, stackState } from "../stacks/stack-state.ts";

export interface Situation {
  stack: string;
  config: StackConfig;
  /** As the last update that ended recorded it. */
  deployed: Target;
  /** The cache's resource in the state; absent for a cache that no resource stands for. */
  cache: StateResource | undefined;
  /** Apps and env files that use the cache, as people call them. */
  users: string[];
  /** The password of each user of the cache that has one now. */
  held: string[];
  /** A killed update of this machine left its lock. */
  staleLock: boolean;
}

/** The resource that holds a cache's secret, by the host that it belongs to. */
const CACHES: Readonly<Record<string, (resource: StateResource) => unknown>> = {
  "azure-native:redis:Redis": ({ outputs }) => outputs["hostName"],
  "azure-native:redisenterprise:RedisEnterprise": ({ outputs }) => outputs["hostName"],
  "upstash:index/redisDatabase:RedisDatabase": ({ outputs }) =>
    upstashHost(String(outputs["endpoint"] ?? "")),
  "propiq:index:LocalPassword": () => LOCAL_HOST,
};
const LOCAL_HOST = "127.0.0.1";

/** Milliseconds for all apps together. */
const PATIENCE_MS = 120_000;

/** @throws PropiqError where there is nothing to rotate, or another writer is in the way */
export async function situationOf(cli: PulumiCli, stack: string): Promise<Situation> {
  const config = await readStackConfig(stack);
  const { plan, localPassword } = config.settings;
  if (isLocal(plan) && !localPassword)
    throw refusal(
      `The cache of stack ${stack} (plan ${plan}) has no password, so there is nothing to rotate. It listens on this machine only.`,
      advice(
        "Give it a password.",
        propiq("config", "set", "localPassword=true", "--stack", stack),
        pulumi(stack, "up"),
      ),
    );
  const staleLock = await refuseWhileUpdated(stack);
  const state = await stackState(cli, stack, "rotate");
  const settings = deployedSettings(state);
  const deployed = settings === undefined ? undefined : targetIn(settings);
  if (deployed === undefined)
    throw refusal(
      `Stack ${stack} has no cache: nothing was deployed there yet.`,
      advice("Deploy it first.", pulumi(stack, "up")),
    );
  const proof = state.resources.find(({ type }) => type === "propiq:index:VerifiedCache");
  const deployedPlan = proof?.outputs["plan"];
  if (deployedPlan !== plan)
    throw refusal(
      `The config of stack ${stack} says plan ${plan}, and plan ${String(deployedPlan)} is deployed.`,
      advice("Deploy the config first: a rotation changes nothing but the secret.", pulumi(stack, "up")),
    );
  if (isLocal(plan) && deployed.password === undefined)
    throw refusal(
      `The config of stack ${stack} asks for a password, and the deployed cache has none.`,
      advice("Deploy the config first.", pulumi(stack, "up")),
    );
  const cache = state.resources.find((one) => !one.condemned && CACHES[one.type]?.(one) === deployed.host);
  if (cache === undefined && CATALOGUE[plan].provider !== "external")
    throw refusal(
      `The state of stack ${stack} does not say which cache ${deployed.host} is.`,
      advice("Bring the stack back to its config first.", propiq("repair", "--stack", stack)),
    );
  return { stack, config, deployed, cache, staleLock, ...(await usersOf(config)) };
}

/** @returns whether a lock is there that nobody holds any more @throws PropiqError while an update is running */
export async function refuseWhileUpdated(stack: string): Promise<boolean> {
  const lock = await stackLock(stack);
  if (!lock.held || lock.stale) return lock.held;
  throw refusal(
    `Another update of stack ${stack} is running (process ${lock.pid}). Nothing was changed.`,
    advice(
      "Wait for it to end and run the same command again. If it was killed on another machine:",
      propiq("repair", "--stack", stack, "--force-unlock"),
    ),
  );
}

/**
 * Reads every user of the cache again.
 * @throws PropiqError where another writer has edited what we wrote: the update would stop there, in mid-rotation
 */
export async function usersOf(config: StackConfig): Promise<Pick<Situation, "users" | "held">> {
  const { stack, settings } = config;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const apps = settings.apps.filter(({ manage }) => manage);
  const held = await Promise.all(
    apps.map(async (app) => {
      try {
        return passwordOf(await readHeld(config, app, signal), stack);
      } catch (error) {
        throw inWords(error, `read the settings of ${app.name}`, propiq("rotate", "--stack", stack));
      }
    }),
  );
  const file = settings.envFile === undefined ? undefined : await passwordInFile(settings.envFile, stack);
  return {
    users: [
      ...apps.map(({ name, slot }) => `App Service ${slot === undefined ? name : `${name}/${slot}`}`),
      ...(settings.envFile === undefined ? [] : [`env file ${settings.envFile}`]),
    ],
    held: [...held, file].flatMap((password) => password ?? []),
  };
}

function passwordOf({ label, found }: HeldApp, stack: string): string | undefined {
  const repair = advice(
    "A rotation needs settings that are as this stack wrote them.",
    propiq("repair", "--stack", stack),
  );
  if (found === undefined)
    throw refusal(`The App Service ${label} does not exist. Nothing was rotated.`, repair);
  const edited = editedKeys(found.settings);
  if (edited === undefined)
    throw refusal(
      `The cache settings of ${label} were not written by this stack, or another tool removed them. Nothing was rotated.`,
      repair,
    );
  if (edited.length > 0)
    throw refusal(
      `Another tool edited the settings of ${label}: ${edited.join(", ")}. Nothing was rotated.`,
      repair,
    );
  return targetIn(found.values)?.password;
}

/** A block of this stack; on another machine there is none, and the update writes one. */
async function passwordInFile(path: string, stack: string): Promise<string | undefined> {
  const text = await readFile(fromRoot(path), "utf8").catch(() => undefined);
  const block = text === undefined ? undefined : readBlock(text);
  return block?.owner === stack ? targetIn(block.entries)?.password : undefined;
}

export function refusal(message: string, given: Advice): PropiqError {
  return new PropiqError(message, { code: "ROTATE_REFUSED", next: given });
}
