/** `upstash:index/redisDatabase:RedisDatabase`, as crud.go of the real provider does it: the same calls in the same order. */
import type { Value, Values } from "../../../infra/provider/protocol/values.ts";
import { settled } from "../protocol/bridged.ts";
import { type Found, InitFailed, propertyOf } from "../protocol/stand-in.ts";
import type { Client } from "./client.ts";
import { differences, itemsOf } from "./diff.ts";
import { DATABASE, OUTPUTS } from "./properties.ts";

export const TYPE = "upstash:index/redisDatabase:RedisDatabase";
const PREFIX = "upstash-database-";

/** @throws InitFailed once there is a database */
export async function createDatabase(client: Client, inputs: Values): Promise<Found> {
  const made = await client.send("POST", "/v2/redis/database", "Create Redis Database", creationBody(inputs));
  const databaseId = String(Reflect.get(Object(made), "database_id"));
  const id = PREFIX + databaseId;
  const half = { id, state: { ...settled(inputs), consistent: false, multizone: false, databaseId } };
  return await orHalf(half, async () => {
    const allowed = itemsOf(inputs["ipAllowlists"]);
    if (allowed.length > 0) await allow(client, databaseId, allowed);
    return await readDatabase(client, id, half.state, true);
  });
}

/**
 * @param state as recorded; empty for an import, which takes the id as the API's own
 * @throws also where the database no longer exists: the provider knows no other end for a refresh (crud.go)
 */
export async function readDatabase(
  client: Client,
  id: string,
  state: Values,
  isNew = Object.keys(state).length === 0,
): Promise<Found> {
  const databaseId = String(state["databaseId"] || id);
  const answer = await client.send("GET", `/v2/redis/database/${databaseId}`, "Get Redis Database");
  const body = Object(answer) as Record<string, Value>;
  const found: Record<string, Value> = {};
  for (const [property, { inAnswer, set }] of Object.entries(DATABASE)) {
    const value = body[inAnswer] ?? null;
    if (set === true && itemsOf(value).length === 0) {
      // Not set by the provider; Terraform makes an empty set of it in every state but the first (seen).
      if (!isNew) found[property] = [];
      continue;
    }
    found[property] = set === true ? [...itemsOf(value)].toSorted() : value;
  }
  for (const [property, inAnswer] of Object.entries(OUTPUTS))
    found[property] = body[inAnswer] ?? zeroOf(property);
  const foundId = PREFIX + String(body["database_id"]);
  return { id: foundId, state: { ...found, id: foundId } };
}

/** Go's zero values: what the API leaves out is not null to the provider. */
function zeroOf(property: string): Value {
  if (/^(db|port|creationTime)/.test(property)) return 0;
  return /^(consistent|multizone)$/.test(property) ? false : "";
}

/** @throws InitFailed: what was wanted counts as recorded, also where the call for it failed */
export async function updateDatabase(
  client: Client,
  id: string,
  before: Values,
  inputs: Values,
): Promise<Found> {
  const databaseId = String(before["databaseId"]);
  const changed = new Set(differences(before, inputs).map(({ path }) => propertyOf(path)));
  return await orHalf({ id, state: { ...before, ...settled(inputs) } }, async () => {
    for (const [property, change] of Object.entries(CHANGES)) {
      if (changed.has(property)) await change(client, databaseId, inputs);
    }
    return await readDatabase(client, id, before);
  });
}

export async function deleteDatabase(client: Client, state: Values): Promise<void> {
  const path = `/v2/redis/database/${String(state["databaseId"])}`;
  await client.send("DELETE", path, "Delete Redis Database", null);
}

function creationBody(inputs: Values): object {
  const body: Record<string, Value> = { consistent: false, multizone: false };
  for (const [property, { inBody, set }] of Object.entries(DATABASE)) {
    const value = inputs[property];
    const empty = value === undefined || value === "" || (set === true && itemsOf(value).length === 0);
    if (inBody !== undefined && !empty) body[inBody] = value ?? null;
  }
  return body;
}

type Step = (client: Client, databaseId: string, inputs: Values) => Promise<unknown>;

const toggle =
  (property: string, call: string, words: string): Step =>
  (client, databaseId, inputs) => {
    const verb = inputs[property] === true ? "enable" : "disable";
    return client.send("POST", `/v2/redis/${verb}-${call}/${databaseId}`, words, null);
  };

/** In the order of resourceDatabaseUpdate. */
const CHANGES: Readonly<Record<string, Step>> = {
  readRegions: async (client, databaseId, inputs) => {
    const regions = itemsOf(inputs["readRegions"]);
    const primary = String(inputs["primaryRegion"]);
    if (regions.includes(primary)) {
      throw new Error(`Primary region '${primary}' can not be in the list of read regions.`);
    }
    // Turned round by the provider; null where there is none: a nil slice in Go.
    const body = { read_regions: regions.length === 0 ? null : regions.toSorted().toReversed() };
    await client.send(
      "POST",
      `/v2/redis/update-regions/${databaseId}`,
      "Update Regions for Redis Database",
      body,
    );
  },
  tls: (client, databaseId) =>
    client.send("POST", `/v2/redis/enable-tls/${databaseId}`, "Enable Tls for Redis Database", null),
  eviction: toggle("eviction", "eviction", "Configure Eviction Redis Database"),
  autoScale: async (client, databaseId, inputs) => {
    const step = toggle("autoScale", "autoupgrade", "Configure Auto Upgrade for Redis Database");
    await step(client, databaseId, inputs).catch((error: Error) => {
      if (!/already (enabled|disabled)/.test(error.message)) throw error;
    });
  },
  prodPack: toggle("prodPack", "prodpack", "Configure Prod Pack for Redis Database"),
  budget: (client, databaseId, inputs) =>
    client.send("PATCH", `/v2/redis/update-budget/${databaseId}`, "Update Redis Database Budget", {
      budget: inputs["budget"],
    }),
  ipAllowlists: (client, databaseId, inputs) => allow(client, databaseId, itemsOf(inputs["ipAllowlists"])),
};

async function allow(client: Client, databaseId: string, ips: readonly Value[]): Promise<void> {
  const body = { allowed_ips: ips.length === 0 ? null : ips };
  await client.send(
    "POST",
    `/v2/redis/update-allowlist/${databaseId}`,
    "Update Redis Database Ip Allowlist",
    body,
  );
}

/** Once a database has an id, Pulumi records what was wanted of it, done or not (seen). */
async function orHalf({ id, state }: Found, work: () => Promise<Found>): Promise<Found> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InitFailed(message, { id, state: { ...state, id } });
  }
}
