/** Gathers what `repair` judges: lock, state, clouds, apps. Nothing is changed. */

import { advice } from "../../base/advice.ts";
import { pulumi } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { fromRoot } from "../../base/paths.ts";
import { checkCache } from "../../check/check.ts";
import type { SettingMap } from "../../infra/azure/app-service.ts";
import { ArmError } from "../../infra/azure/arm.ts";
import type { AppSettingsState } from "../../infra/provider/app-settings/inputs.ts";
import { readBlock } from "../../infra/provider/env-file/block.ts";
import type { EnvFileInputs } from "../../infra/provider/env-file/env-file.ts";
import { readText } from "../../infra/provider/env-file/file.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { askApp } from "../drift/ask-app.ts";
import type { Place as DriftPlace } from "../drift/finding.ts";
import { judgeApp } from "../drift/judge-app.ts";
import { judgeEnvFile } from "../drift/judge-env-file.ts";
import { judgeResources } from "../drift/judge-resources.ts";
import { APP_SETTINGS, ENV_FILE, nameOf } from "../drift/names.ts";
import type { StackState, StateResource } from "../drift/state.ts";

import { readStackConfig, type StackConfig } from "../stacks/config-file.ts";
import { targetIn } from "../stacks/held.ts";
import { didLastUpdateFail, previewRefresh, stackLock, stackState } from "../stacks/stack-state.ts";
import type { Facts, UserFacts } from "./judge.ts";

/** Milliseconds for the looks at apps together. */
const PATIENCE_MS = 120_000;

/** @throws PropiqError where config or state cannot be read */
export async function factsOf(cli: PulumiCli, stack: string): Promise<Facts> {
  const config = await readStackConfig(stack);
  const [lock, state] = [await stackLock(stack), await stackState(cli, stack, "repair")];
  if (state.resources.length === 0 && state.pending.length === 0 && !lock.held)
    throw new PropiqError(`Stack ${stack} has nothing to repair: it has not been deployed yet.`, {
      code: "NOT_DEPLOYED",
      next: advice("Deploy it.", pulumi(stack, "up")),
    });
  const refreshed = await previewRefresh(cli, stack);
  const found = judgeResources(stack, state, refreshed);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const looks = await Promise.all(
    state.resources
      .filter(({ condemned, type }) => !condemned && type in LOOKS)
      .map((resource) => lookAt(resource, { stack, config, state, signal })),
  );
  const proof = state.resources.find(({ type }) => type === "propiq:index:VerifiedCache");
  const deployed = proof?.outputs["plan"];
  return {
    stack,
    lock,
    pending: state.pending.map(({ urn }) => urn),
    places: [...found.places, ...looks.flatMap(({ place }) => place ?? [])],
    notAsked: [
      ...found.notAsked.map(({ name, why }) => ({ name, why })),
      ...looks.flatMap(({ notAsked }) => notAsked ?? []),
    ],
    plan: {
      deployed: typeof deployed === "string" ? deployed : undefined,
      configured: config.settings.plan,
    },
    users: looks.flatMap(({ user }) => user ?? []),
    didLastUpdateFail: await didLastUpdateFail(cli, stack),
  };
}

interface Given {
  stack: string;
  config: StackConfig;
  state: StackState;
  signal: AbortSignal;
}

interface Look {
  place?: DriftPlace;
  user?: UserFacts;
  notAsked?: Facts["notAsked"][number];
}

const LOOKS: Readonly<Record<string, (resource: StateResource, given: Given) => Promise<Look>>> = {
  async [APP_SETTINGS](resource, { stack, config, state, signal }) {
    // The provider alone writes the state of its types.
    const own = resource.outputs as unknown as AppSettingsState;
    const { id, seen } = await askApp(own, process.env, signal);
    const name = nameOf(resource);
    const place = { kind: "app" as const, name, urn: resource.urn, ...judgeApp(stack, id, own, seen) };
    const user = await userOf(resource, seen.settings, { config, state });
    return { place, ...(user === undefined ? {} : { user }) };
  },
  async [ENV_FILE](resource, { stack, config, state }) {
    const own = resource.outputs as unknown as EnvFileInputs;
    const text = await readText(fromRoot(own.path));
    const place = {
      ...{ kind: "env-file" as const, name: nameOf(resource), urn: resource.urn },
      ...judgeEnvFile(stack, own, text),
    };
    const block = text === undefined ? undefined : readBlock(text);
    const entries = block?.owner === stack ? block.entries : undefined;
    const user = await userOf(resource, entries, { config, state });
    return { place, ...(user === undefined ? {} : { user }) };
  },
};

async function lookAt(resource: StateResource, given: Given): Promise<Look> {
  try {
    return (await LOOKS[resource.type]?.(resource, given)) ?? {};
  } catch (error) {
    const why = given.signal.aborted ? "Azure did not answer in time." : wordsOf(error);
    return { notAsked: { name: nameOf(resource), why } };
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof PropiqError) return error.message;
  if (error instanceof ArmError) return `Azure refused: ${error.code}`;
  throw error;
}

async function userOf(
  resource: StateResource,
  held: SettingMap | undefined,
  { config, state }: Pick<Given, "config" | "state">,
): Promise<UserFacts | undefined> {
  if (held?.["REDIS_ENABLED"] === undefined) return undefined;
  const database = state.resources.find(
    ({ type, condemned }) => type === "upstash:index/redisDatabase:RedisDatabase" && !condemned,
  );
  return {
    name: nameOf(resource),
    urn: resource.urn,
    enabled: held["REDIS_ENABLED"] !== "false",
    wanted: config.settings.enabled,
    isRefused: await isRefused(held),
    ...(database === undefined ? {} : { passwordOf: database.urn }),
  };
}

/** A cache that does not answer refuses nothing: the comparison with the cloud says what is wrong with it. */
async function isRefused(held: SettingMap): Promise<boolean> {
  const target = targetIn(held);
  if (target === undefined) return false;
  const { checks } = await checkCache({ enabled: true, target }, { samples: 1, deadlineMs: 5000 });
  return checks.some(({ code, status }) => status === "fail" && code === "AUTH_WRONG");
}
