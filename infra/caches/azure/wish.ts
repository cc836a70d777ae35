/** What a stack needs from Azure, in Azure's terms: from settings and plan to names, sizes and network. Pure. */

import { requireService, SERVICES } from "../../azure/services.ts";
import { tagsFor } from "../../azure/tags.ts";
import { CATALOGUE, PLANS, type Plan } from "../../plans/catalogue.ts";
import { cloudName, isNameOfSameStack } from "../../plans/names.ts";
import { AZURE_DEFAULTS } from "../../settings/schema.ts";
import type { Settings } from "../../settings/settings.ts";

export interface AzureWish {
  plan: Plan;
  stack: string;
  project: string;
  subscriptionId: string;
  resourceGroup: string;
  location: string;
  /** Of the cache: ours, or the one that is adopted. */
  name: string;
  adopted: boolean;
  tags: Record<string, string>;
  keySlot: Settings["keySlot"];
  network: NonNullable<Settings["azure"]>["network"];
  /**
   * Plans whose cache may become this plan's by a change of size, where the stack resizes in place; none where each
   * plan has a cache of its own.
   */
  growsFrom: readonly Plan[];
}

export interface Place {
  subscriptionId: string;
  project: string;
}

export function azureWish(settings: Settings, plan: Plan, { subscriptionId, project }: Place): AzureWish {
  const azure = settings.azure ?? AZURE_DEFAULTS;
  const { stack, keySlot } = settings;
  const own = (of: Plan) =>
    cloudName({ name: settings.name, plan: of, scope: subscriptionId, project, stack });
  // Standby caches are always our own: the one that is adopted is the one in use.
  const adopt = plan === settings.plan ? azure.adopt : undefined;
  return {
    plan,
    stack,
    project,
    subscriptionId,
    resourceGroup: azure.resourceGroup,
    location: azure.location,
    name: adopt ?? own(plan),
    adopted: adopt !== undefined,
    tags: tagsFor({ project, stack }, azure.tags),
    keySlot,
    network: azure.network,
    growsFrom: azure.resize === "in-place" && adopt === undefined ? siblings(settings, plan) : [],
  };
}

/** Whether the name to adopt is that of a cache which this very stack made: adopting it would delete it. */
export function isOwnName(settings: Settings, name: string, { subscriptionId, project }: Place): boolean {
  const { stack } = settings;
  return PLANS.some((plan) => {
    const own = cloudName({ name: settings.name, plan, scope: subscriptionId, project, stack });
    return isNameOfSameStack(name, own, plan);
  });
}

/** Other plans of the same service that have no cache of their own in this stack. */
function siblings({ plan: active, standby }: Settings, plan: Plan): Plan[] {
  const taken = [active, ...standby];
  return PLANS.filter(
    (other) => CATALOGUE[other].provider === CATALOGUE[plan].provider && !taken.includes(other),
  );
}

const group = (wish: Pick<AzureWish, "subscriptionId" | "resourceGroup">): string =>
  `/subscriptions/${wish.subscriptionId}/resourceGroups/${wish.resourceGroup}`;

/** The cache's id in Azure Resource Manager. */
export function cacheId(
  wish: Pick<AzureWish, "plan" | "subscriptionId" | "resourceGroup">,
  name: string,
): string {
  const { type } = SERVICES[requireService(wish.plan)];
  return `${group(wish)}/providers/Microsoft.Cache/${type}/${name}`;
}
