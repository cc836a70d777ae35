/** Azure as a stack means it, for commands that ask it without Pulumi. */

import { advice } from "../../base/advice.ts";
import { type Command, program, pulumi } from "../../base/command.ts";
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
    code: "NO_SUBSCRIPTION",
    next: advice(
      "Sign in, set ARM_SUBSCRIPTION_ID, or write the subscription into the config.",
      program("az", "login"),
      pulumi(
        stack,
        "config",
        "set",
        "--path",
        "azure.subscriptionId",
        "00000000-0000-0000-0000-000000000000",
      ),
    ),
  });
}

export async function openAzure(
  { provider }: Pick<StackConfig, "provider">,
  subscriptionId: string,
  signal?: AbortSignal,
): Promise<Arm> {
  const { metadataHost, environment } = provider;
  return await openArm({ env: process.env, subscriptionId, metadataHost, environment, signal });
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

/** An error of Azure as one for users. @param what completes "Could not …" @param again the command to repeat */
export function inWords(error: unknown, what: string, again: Command): PropiqError {
  if (error instanceof PropiqError) return error;
  if (!(error instanceof ArmError)) throw error;
  return new PropiqError(`Could not ${what}: ${error.code}: ${foreignText(error.message, (same) => same)}`, {
    code: "AZURE_ERROR",
    next: nextStep(error, again),
    cause: error,
  });
}
