/** A cache in Azure that was made by hand: read before it is used, and never changed. */

import { type Advice, advice } from "../../../base/advice.ts";
import { type Command, program, pulumi, setConfig } from "../../../base/command.ts";
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
    warning: {
      happened: `${name} is ${sizeOf(found)}, not ${plan}. It is used as it is, and the price and size of ${plan} do not apply to it.`,
      next: options(wish, known),
    },
  };
}

/** A cache that a state knows is deleted by that state's next update: here, or wherever it was made. */
function refuseMade({ name, stack }: AzureWish, isOwn: boolean): void {
  if (!isNameOfSomeStack(name)) return;
  const why = isOwn
    ? "is this stack's own cache. Adopting it would remove it from the stack, which would delete it."
    : "was made by another stack, or by this one under another name. The stack whose state knows it may delete it.";
  const share = isOwn ? "" : " To use it anyway, configure its URL (plan external).";
  throw new PropiqError(`propiq-cache:azure.adopt: ${name} ${why}`, {
    code: "ADOPT_REFUSED",
    next: advice(`Remove the key.${share}`, forget(stack)),
  });
}

async function notThere(arm: Pick<Arm, "request">, wish: AzureWish): Promise<PropiqError> {
  const { name, plan, resourceGroup, stack } = wish;
  const other = await otherService(arm, wish);
  if (other === undefined) {
    return new PropiqError(
      `propiq-cache:azure.adopt: no cache ${name} for plan ${plan} exists in resource group ${resourceGroup}.`,
      {
        code: "CACHE_NOT_FOUND",
        next: advice(
          "List the caches there, and correct the name. Or remove the key, so that the stack makes a cache.",
          program(
            ...["az", "resource", "list", "--resource-group", resourceGroup],
            ...["--subscription", wish.subscriptionId],
            ...["--query", "[?starts_with(type, 'Microsoft.Cache')].name", "--output", "tsv"],
          ),
          forget(stack),
        ),
      },
    );
  }
  return new PropiqError(
    `propiq-cache:azure.adopt: ${name} is ${sizeOf(other)}, of another service than plan ${plan}.`,
    { code: "PLAN_MISMATCH", next: options(wish, planOfCache(other)) },
  );
}

/** Only for the message: an identity that may not read that service loses nothing. */
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

function options({ name, plan, stack }: AzureWish, known: Plan | undefined): Advice {
  const make = `To make a new cache of plan ${plan} and leave ${name} unchanged, remove azure.adopt.`;
  return known === undefined
    ? advice(`${make} To use ${name}, configure its URL (plan external).`, forget(stack))
    : advice(
        `${make} To use ${name}, set the plan that it has: ${known}.`,
        forget(stack),
        setConfig(stack, "plan", known),
      );
}

const forget = (stack: string): Command => pulumi(stack, "config", "rm", "--path", "azure.adopt");
