/** A cache in Azure that somebody made by hand: looked up before it is used, and never changed. */

import { PropiqError } from "../../../base/errors.ts";
import type { Arm } from "../../azure/arm.ts";
import { ArmError } from "../../azure/arm-error.ts";
import { type AzureCache, readCache } from "../../azure/list.ts";
import { requireService, serviceOf } from "../../azure/services.ts";
import { CATALOGUE, PLANS, type Plan } from "../../plans/catalogue.ts";
import { isNameOfSomeStack } from "../../plans/names.ts";
import type { AdoptedLook } from "../adopted.ts";
import { planOfCache } from "./plan-of-cache.ts";
import { type AzureWish, cacheId } from "./wish.ts";

/**
 * @param isOwn whether the name is one that this very stack gives
 * @throws PropiqError where there is none for the plan, or where a stack made it; ArmError
 */
export async function lookAtAdopted(
  arm: Pick<Arm, "request">,
  wish: AzureWish,
  isOwn: boolean,
): Promise<AdoptedLook> {
  const { name, plan } = wish;
  refuseMade(wish, isOwn);
  const service = requireService(plan);
  const found = await readCache(arm, cacheId(wish, name), service);
  if (found === undefined) throw await notThere(arm, wish);
  const info = `The cache ${name} is adopted: read and wired, never changed and never deleted.`;
  const known = planOfCache(found);
  if (known === plan) return { info };
  return {
    info,
    warning: `${name} is ${sizeOf(found)}, not ${plan}: it is used as it is, and what is said of price and size is wrong for it.\n${waysOn(wish, known)}`,
  };
}

/** A cache that a state knows is deleted by that state's next update: here, or wherever it was made. */
function refuseMade({ name, stack }: AzureWish, isOwn: boolean): void {
  if (!isNameOfSomeStack(name)) return;
  const why = isOwn
    ? "is this stack's own cache; to adopt it would be to give it up, and then it would be deleted."
    : "was made by another stack, or by this one under another name: whoever's state knows it deletes it some day.";
  const share = isOwn ? "" : "\nTo use it all the same, name it by its URL: plan external.";
  throw new PropiqError(`propiq-cache:azure.adopt: ${name} ${why}`, {
    hint: `Take the key out: ${forget(stack)}${share}`,
  });
}

async function notThere(arm: Pick<Arm, "request">, wish: AzureWish): Promise<PropiqError> {
  const { name, plan, resourceGroup, stack } = wish;
  const other = await otherService(arm, wish);
  if (other === undefined) {
    return new PropiqError(
      `propiq-cache:azure.adopt: there is no cache ${name} for plan ${plan} in resource group ${resourceGroup}.`,
      {
        hint: `What is there: az resource list --resource-group ${resourceGroup} --subscription ${wish.subscriptionId} --query "[?starts_with(type, 'Microsoft.Cache')].name" --output tsv\nOr let one be made: ${forget(stack)}`,
      },
    );
  }
  return new PropiqError(
    `propiq-cache:azure.adopt: ${name} is ${sizeOf(other)}, of another service than plan ${plan}.`,
    { hint: waysOn(wish, planOfCache(other)) },
  );
}

/** Only to say what it is: whoever may not read that service loses nothing. */
async function otherService(arm: Pick<Arm, "request">, wish: AzureWish): Promise<AzureCache | undefined> {
  const own = requireService(wish.plan);
  const plan = PLANS.find((each) => ![undefined, own].includes(serviceOf(each)));
  if (plan === undefined) return undefined;
  try {
    return await readCache(arm, cacheId({ ...wish, plan }, wish.name), requireService(plan));
  } catch (error) {
    if (error instanceof ArmError) return undefined;
    throw error;
  }
}

function sizeOf(cache: AzureCache): string {
  const plan = planOfCache(cache);
  return plan === undefined ? cache.sku : `${CATALOGUE[plan].title} (${plan})`;
}

function waysOn({ name, plan, stack }: AzureWish, known: Plan | undefined): string {
  const stay =
    known === undefined
      ? "Or name it by its URL: plan external."
      : `Or say what it is: ./propiq-cache pulumi config set plan ${known} --stack ${stack}`;
  return `For a new cache of plan ${plan}, with ${name} left as it is: ${forget(stack)}\n${stay}`;
}

const forget = (stack: string) => `./propiq-cache pulumi config rm --path azure.adopt --stack ${stack}`;
