/** Stops a run of the program before it changes anything, where an app cannot be wired. */
import { RunError } from "@pulumi/pulumi/errors.js";
import { explain, PropiqError } from "../../base/errors.ts";
import { ArmError, openArm } from "../azure/arm.ts";
import { cloudOfStack, subscriptionOfStack } from "../azure/of-stack.ts";
import type { AppConfig } from "../settings/schema.ts";
import type { Settings } from "../settings/settings.ts";
import { obstaclesOf } from "./obstacles.ts";

const PATIENCE_MS = 20_000;

/**
 * Apps with a Key Vault, in every run: what is missing there is otherwise found after caches and alerts were made, and
 * after the first of two apps was written. Other apps are looked at when their settings are about to change.
 * @throws RunError
 */
export async function assertVaultsReady(config: Settings): Promise<void> {
  const wired = config.apps.filter(({ manage, keyVault }) => manage && keyVault !== undefined);
  const found = (await Promise.all(wired.map((app) => obstacles(app, config)))).flat();
  if (found.length > 0) throw new RunError(`${found.map(explain).join("\n\n")}\nNothing was changed.`);
}

/** @throws PropiqError where the app cannot be wired */
export async function assertReady(app: AppConfig, config: Settings): Promise<void> {
  const [first] = await obstacles(app, config);
  if (first !== undefined) throw first;
}

/** What Azure does not answer is not an obstacle here: the update itself reports it. */
async function obstacles(app: AppConfig, config: Settings): Promise<PropiqError[]> {
  const given = app.subscriptionId ?? config.azure?.subscriptionId;
  const subscriptionId = await subscriptionOfStack(given, "azure.subscriptionId");
  const { name, slot, resourceGroup, keyVault } = app;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    const arm = await openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    return await obstaclesOf(arm, { app: name, slot, resourceGroup, keyVault }, signal);
  } catch (error) {
    if (error instanceof PropiqError || error instanceof ArmError || signal.aborted) return [];
    throw error;
  }
}
