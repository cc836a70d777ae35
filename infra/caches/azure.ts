/** A cache in Azure, of either service: everything that the config says of it, and what surrounds it. */
import { RunError } from "@pulumi/pulumi/errors.js";
import * as log from "@pulumi/pulumi/log/index.js";
import { getProject } from "@pulumi/pulumi/metadata.js";
import { cloudOfStack, subscriptionOfStack } from "../azure/of-stack.ts";
import type { Cache } from "../cache.ts";
import { CATALOGUE, type Plan } from "../catalogue.ts";
import type { Settings } from "../settings/settings.ts";
import type { Around } from "./azure/around.ts";
import { azureHooks, explainFor } from "./azure/hooks.ts";
import { type AzureWish, azureWish, isOwnName, type Place } from "./azure/wish.ts";

/**
 * @param plan the active one, or one of `standby`; each has a cache of its own
 * @throws RunError in previews too, before anything is registered
 */
export async function azureCache(settings: Settings, plan: Plan = settings.plan): Promise<Cache> {
  const subscriptionId = await subscriptionOfStack(settings.azure?.subscriptionId, "azure.subscriptionId");
  const place: Place = { subscriptionId, project: getProject() };
  const wish = azureWish(settings, plan, place);
  if (wish.adopted) refuseOwn(settings, wish, place);
  const around = {
    ...(await surroundings(settings, wish)),
    hooks: azureHooks(settings, wish),
    explain: explainFor(settings, wish),
  };
  if (CATALOGUE[plan].provider === "azure") {
    const { AzureRedis } = await import("./azure/redis.ts");
    return new AzureRedis(wish, around);
  }
  const { AzureManagedRedis } = await import("./azure/managed.ts");
  return new AzureManagedRedis(wish, around);
}

function refuseOwn(settings: Settings, { name, stack }: AzureWish, place: Place): void {
  if (isOwnName(settings, name, place)) {
    throw new RunError(
      `propiq-cache:azure.adopt: ${name} is this stack's own cache; to adopt it would be to give it up, and then it would be deleted. Take the key out: npx propiq-cache pulumi config rm --path azure.adopt --stack ${stack}`,
    );
  }
  log.info(`The cache ${name} is adopted: read and wired, never changed and never deleted.`).catch(() => {});
}

/** What several caches of one stack share: made for the first of them. */
const shared = new WeakMap<Settings, Promise<Around>>();

function surroundings(settings: Settings, wish: AzureWish): Promise<Around> {
  const known = shared.get(settings);
  if (known !== undefined) return known;
  const made = makeSurroundings(settings, wish);
  shared.set(settings, made);
  return made;
}

async function makeSurroundings({ azure }: Settings, wish: AzureWish): Promise<Around> {
  const around: Around = {};
  if (azure?.subscriptionId !== undefined) {
    const { AzureNative } = await import("./azure/resources.ts");
    around.provider = new AzureNative("azure", { subscriptionId: azure.subscriptionId });
  }
  if (azure?.createResourceGroup === true) {
    const { ResourceGroup } = await import("./azure/group.ts");
    const { subscriptionId, resourceGroup: name, location, tags } = wish;
    around.group = new ResourceGroup("resource-group", {
      ...{ subscriptionId, name, location, tags },
      ...cloudOfStack(),
    });
  }
  return around;
}
