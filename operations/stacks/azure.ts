/** Azure as a stack means it, for commands that ask it without Pulumi. */

import { adviceText } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { foreignText } from "../../base/safe-text.ts";
import type { AppService } from "../../infra/azure/app-service.ts";
import { type Arm, ArmError, openArm } from "../../infra/azure/arm.ts";
import { nextStep } from "../../infra/azure/next-step.ts";
import { subscriptionOf } from "../../infra/azure/subscription.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import type { StackConfig } from "./config-file.ts";

/** The subscription of the stack's cache, or of one of its apps: as the program itself chooses it. */
export async function subscriptionFor(
  { settings, provider, stack }: Pick<StackConfig, "settings" | "provider" | "stack">,
  app?: AppConfig,
): Promise<string> {
  const given = app?.subscriptionId ?? settings.azure?.subscriptionId ?? provider.subscriptionId;
  const found = await subscriptionOf(given, process.env);
  if (found !== undefined) return found;
  throw new PropiqError("No Azure subscription is chosen.", {
    hint: `Sign in (az login) or set ARM_SUBSCRIPTION_ID, or choose one for good: ./propiq-cache pulumi config set --path azure.subscriptionId 00000000-0000-0000-0000-000000000000 --stack ${stack}`,
  });
}

export async function openAzure(
  { provider }: Pick<StackConfig, "provider">,
  subscriptionId: string,
): Promise<Arm> {
  const { metadataHost, environment } = provider;
  return await openArm({ env: process.env, subscriptionId, metadataHost, environment });
}

/** One of the stack's apps, or its slot. */
export async function openApp(config: StackConfig, app: AppConfig): Promise<AppService> {
  const arm = await openAzure(config, await subscriptionFor(config, app));
  const { openAppService } = await import("../../infra/azure/app-service.ts");
  return await openAppService(arm, { resourceGroup: app.resourceGroup, app: app.name, slot: app.slot });
}

export function labelOf({ name, slot }: Pick<AppConfig, "name" | "slot">): string {
  return slot === undefined ? name : `${name}/${slot}`;
}

/** An answer of Azure in words for people. @param what fits behind "could not" @param again the command to repeat */
export function inWords(error: unknown, what: string, again: string): PropiqError {
  if (error instanceof PropiqError) return error;
  if (!(error instanceof ArmError)) throw error;
  return new PropiqError(`Could not ${what}: ${error.code}: ${foreignText(error.message, (same) => same)}`, {
    hint: `${adviceText(nextStep(error))}\nThen: ${again}`,
    cause: error,
  });
}
