/** A cache in Azure, of either service: everything that the config says of it, and what surrounds it. */
import { RunError } from "@pulumi/pulumi/errors.js";
import { getProject } from "@pulumi/pulumi/metadata.js";
import { explain, PropiqError } from "../../../base/errors.ts";
import { foreignText } from "../../../base/safe-text.ts";
import { ArmError } from "../../azure/arm-error.ts";
import { cloudOfStack, subscriptionOfStack } from "../../azure/of-stack.ts";
import { type AzureService, requireService } from "../../azure/services.ts";
import type { Plan } from "../../plans/catalogue.ts";
import { explanationText } from "../../refusals/refusal.ts";
import type { Settings } from "../../settings/settings.ts";
import { reportAdopted } from "../adopted.ts";
import type { Cache } from "../cache.ts";
import type { Around } from "./around.ts";
import { azureHooks, explainFor } from "./hooks.ts";
import { type AzureWish, azureWish, isOwnName, type Place } from "./wish.ts";

/**
 * @param plan the active one, or one of `standby`: each plan has its own cache
 * @throws RunError in previews too, before anything is registered
 */
export async function azureCache(settings: Settings, plan: Plan): Promise<Cache> {
  const subscriptionId = await subscriptionOfStack(settings.azure?.subscriptionId, "azure.subscriptionId");
  const place: Place = { subscriptionId, project: getProject() };
  const wish = azureWish(settings, plan, place);
  const explainAzure = explainFor(settings, wish);
  if (wish.adopted) await tellOfAdopted(settings, wish, place, explainAzure);
  const around = {
    ...(await surroundings(settings, wish)),
    hooks: azureHooks(settings, wish),
    explain: explainAzure,
  };
  return await CACHES[requireService(plan)](wish, around);
}

const CACHES: Readonly<Record<AzureService, (wish: AzureWish, around: Around) => Promise<Cache>>> = {
  azure: async (wish, around) => new (await import("./redis.ts")).AzureRedis(wish, around),
  "azure-managed": async (wish, around) => new (await import("./managed.ts")).AzureManagedRedis(wish, around),
};

async function tellOfAdopted(
  settings: Settings,
  wish: AzureWish,
  place: Place,
  explainAzure: NonNullable<Around["explain"]>,
): Promise<void> {
  const [{ openArm }, { lookAtAdopted }] = await Promise.all([
    import("../../azure/arm.ts"),
    import("./adopted.ts"),
  ]);
  try {
    const { subscriptionId } = place;
    const arm = await openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    await reportAdopted(await lookAtAdopted(arm, wish, isOwnName(settings, wish.name, place)));
  } catch (error) {
    if (error instanceof PropiqError) throw new RunError(explain(error));
    if (!(error instanceof ArmError)) throw error;
    const text = `${error.code}: ${error.message}`;
    const known = await explainAzure(text);
    const words = known === undefined ? foreignText(text, (same) => same) : explanationText(known);
    throw new RunError(`The cache ${wish.name} could not be looked at. ${words}`);
  }
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
    const { AzureNative } = await import("./resources.ts");
    around.provider = new AzureNative("azure", { subscriptionId: azure.subscriptionId });
  }
  if (azure?.createResourceGroup === true) {
    const { ResourceGroup } = await import("./group.ts");
    const { subscriptionId, resourceGroup: name, location, tags } = wish;
    around.group = new ResourceGroup("resource-group", {
      ...{ subscriptionId, name, location, tags },
      ...cloudOfStack(),
    });
  }
  return around;
}
