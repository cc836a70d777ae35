/** The keys that a cache in Azure has now. */
import { RunError } from "@pulumi/pulumi/errors.js";
import { all, type Output } from "@pulumi/pulumi/output.js";
import type { Resource } from "@pulumi/pulumi/resource.js";
import { invoke } from "@pulumi/pulumi/runtime/invoke.js";
import { advice } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { foreignText } from "../../../base/safe-text.ts";
import { explanationText } from "../../refusals/refusal.ts";
import type { Around } from "./around.ts";
import { type Database, inVersion, type Redis, type RedisEnterprise } from "./resources.ts";
import type { AzureWish } from "./wish.ts";

export interface Keys {
  primaryKey: string;
  secondaryKey: string;
}

interface Asked {
  wish: AzureWish;
  around: Around;
  parent: Resource;
}

/**
 * Only these functions report them: on the resource itself they are empty
 * (pulumi/pulumi-azure-native#2007), and
 * nothing marks them as secret (#1693).
 */
export function listRedisKeys({ id, name }: Redis, asked: Asked): Output<Keys> {
  const { resourceGroup: resourceGroupName } = asked.wish;
  // The id is known once the cache is there: until then nobody asks for its keys.
  return all([id, name]).apply(([, known]) =>
    list("azure-native:redis:listRedisKeys", { name: known, resourceGroupName }, asked),
  );
}

/** The same of a cluster's database. */
export function listDatabaseKeys(
  cluster: RedisEnterprise,
  { id, name }: Database,
  asked: Asked,
): Output<Keys> {
  const { resourceGroup: resourceGroupName } = asked.wish;
  return all([id, cluster.name, name]).apply(([, clusterName, databaseName]) =>
    list(
      "azure-native:redisenterprise:listDatabaseKeys",
      { clusterName, databaseName, resourceGroupName },
      asked,
    ),
  );
}

/** @throws RunError in words for users: an invocation that fails would otherwise end the program with a stack */
async function list(token: string, args: Record<string, string>, asked: Asked): Promise<Keys> {
  const { wish, around, parent } = asked;
  try {
    return await invoke(token, args, inVersion({ parent }));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const found = await around.explain?.(text).catch(() => undefined);
    const explained = found ?? {
      happened: `${foreignText(text, (words) => words, 400)}. The app's settings were not changed.`,
      next: advice("Update again.", pulumi(wish.stack, "up")),
    };
    const first = found?.code === "CACHE_GONE" ? "" : `The keys of ${wish.name} could not be read. `;
    throw inPlainWords(`${first}${explanationText(explained)}`);
  }
}

/** The SDK writes the names of the properties that needed an output before its error; to users they mean nothing. */
function inPlainWords(words: string): RunError {
  return Object.defineProperty(new RunError(words), "message", { get: () => words, set: () => {} });
}
