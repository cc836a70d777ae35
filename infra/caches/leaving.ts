/**
 * Caches that leave the stack with this update. The engine looks for their hooks by name, in a program that makes them no
 * more: registered here, so that a deletion which fails is explained like anything else.
 */
import { getProject } from "@pulumi/pulumi/metadata.js";
import { isDryRun } from "@pulumi/pulumi/runtime/settings.js";
import { errorHook } from "../hooks.ts";
import { familyOf, isIn, PLANS, type Plan } from "../plans/catalogue.ts";
import type { Settings } from "../settings/settings.ts";

/** Nothing is deleted in a preview. */
export async function explainLeaving(settings: Settings): Promise<void> {
  if (isDryRun()) return;
  const stay = new Set([settings.plan, ...settings.standby].map(familyOf));
  const gone = PLANS.filter((plan) => !stay.has(familyOf(plan)));
  if (gone.some((plan) => isIn("upstash", plan))) {
    const { explainEndFor } = await import("./upstash/hooks.ts");
    errorHook({ name: "upstash", explainEnd: explainEndFor(settings.stack) });
  }
  const inAzure = gone.filter((plan) => isIn("azure", plan));
  if (inAzure.length > 0) await explainInAzure(settings, inAzure);
}

async function explainInAzure(settings: Settings, plans: readonly Plan[]): Promise<void> {
  const [{ explainEndFor }, { azureWish }] = await Promise.all([
    import("./azure/hooks.ts"),
    import("./azure/wish.ts"),
  ]);
  const subscriptionId = settings.azure?.subscriptionId ?? process.env["ARM_SUBSCRIPTION_ID"] ?? "";
  for (const plan of plans) {
    const wish = azureWish(settings, plan, { subscriptionId, project: getProject() });
    errorHook({ name: plan, explainEnd: explainEndFor(settings, wish) });
  }
}
