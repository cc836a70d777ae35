/** Finds the cache that an app's settings lead to, among those that the Azure subscription and the Upstash account have. */
import type { Command } from "../../base/command.ts";
import type { Target } from "../../check/target.ts";
import type { Arm } from "../../infra/azure/arm.ts";
import { type AzureCache, listCaches } from "../../infra/azure/list.ts";
import { SERVICES } from "../../infra/azure/services.ts";
import { planOfCache } from "../../infra/caches/azure/plan-of-cache.ts";
import { planOfDatabase } from "../../infra/caches/upstash/wish.ts";
import { openUpstash } from "../../infra/upstash/api.ts";
import type { Found } from "../../operations/adopt/adoption.ts";
import { inWords } from "../../operations/stacks/azure.ts";

/** @param target as the app reaches it @throws PropiqError where the owner of the cache could not be asked */
export async function findCache(target: Target, arm: Arm, again: Command): Promise<Found> {
  return (
    (await inAzure(target, arm, again)) ??
    (await inUpstash(target)) ??
    external(target, `${target.host} is none of the caches of this subscription or account`)
  );
}

const isAt = (host: string | undefined, target: Target) => host?.toLowerCase() === target.host.toLowerCase();

async function inAzure(target: Target, arm: Arm, again: Command): Promise<Found | undefined> {
  try {
    const caches = await listCaches(arm, `/subscriptions/${arm.subscriptionId}`);
    const cache = caches.find(({ hostName }) => isAt(hostName, target));
    if (cache === undefined) return undefined;
    if (planOfCache(cache) === undefined) {
      return external(target, `${cache.name} is of a size that is none of the plans here (${cache.sku})`);
    }
    const keys = await keysOf(cache, arm);
    const slots = ["primary", "secondary"] as const;
    const keySlot = slots.find((slot) => keys[`${slot}Key`] === target.password);
    const password = keys[`${keySlot ?? "primary"}Key`] ?? target.password ?? "";
    const port = SERVICES[cache.service].tlsPort;
    return { kind: "azure", cache, keySlot, target: { host: target.host, port, tls: true, db: 0, password } };
  } catch (error) {
    throw inWords(error, "look for the cache in Azure", again);
  }
}

interface Keys {
  primaryKey?: string;
  secondaryKey?: string;
}

/** Compared here and forgotten: which of them the app has is all that is kept. */
async function keysOf({ id, service }: AzureCache, arm: Arm): Promise<Keys> {
  const { keysPath, apiVersion } = SERVICES[service];
  const { body } = await arm.request({
    method: "POST",
    path: `${id}/${keysPath}`,
    apiVersion,
    repeatable: true,
  });
  return (body ?? {}) as Keys;
}

async function inUpstash(target: Target): Promise<Found | undefined> {
  const { UPSTASH_EMAIL, UPSTASH_API_KEY } = process.env;
  const isTheirs = /\.upstash\.io$/i.test(target.host);
  // Without credentials only a host of theirs says that it is worth asking for them.
  if (!isTheirs && !(UPSTASH_EMAIL && UPSTASH_API_KEY)) return undefined;
  const databases = await openUpstash(process.env).list();
  const database = databases.find(({ host }) => isAt(host, target));
  if (database === undefined) return undefined;
  if (planOfDatabase(database) === undefined) {
    return external(target, `${database.name} is on a plan of Upstash that is none of those here`);
  }
  return { kind: "upstash", database, target: { ...target, port: database.port, tls: true, db: 0 } };
}

function external(target: Target, what: string): Found {
  return { kind: "external", what, target };
}
