/** The region of the app, for a new cache that the config gives no region. */

import { PropiqError } from "../../base/errors.ts";
import { openAppService } from "../azure/app-service.ts";
import { ArmError, openArm } from "../azure/arm.ts";
import { cloudOfStack, subscriptionOfStack } from "../azure/of-stack.ts";
import type { Settings } from "../settings/settings.ts";

const PATIENCE_MS = 20_000;

/** @returns the region of the first app, as Azure writes it; undefined without an app, or where Azure does not answer */
export async function regionOfApp(settings: Settings): Promise<string | undefined> {
  const [app] = settings.apps;
  if (app === undefined) return undefined;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const given = app.subscriptionId ?? settings.azure?.subscriptionId;
    const subscriptionId = await subscriptionOfStack(given, "azure.subscriptionId");
    const arm = await openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    const { name, slot, resourceGroup } = app;
    return (await (await openAppService(arm, { app: name, slot, resourceGroup })).site(signal)).location;
  } catch (error) {
    // The update reports what is wrong with the app. A new database needs no more than a place.
    if (error instanceof PropiqError || error instanceof ArmError || signal.aborted) return undefined;
    throw error;
  }
}
