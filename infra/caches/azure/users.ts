/** Who uses a cache: the stack's App Services by their settings, and its env file. */

import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { fromRoot } from "../../../base/paths.ts";
import { openAppService } from "../../azure/app-service.ts";
import { type Arm, openArm } from "../../azure/arm.ts";
import { ifThere } from "../../azure/if-there.ts";
import { cloudOfStack, subscriptionOfStack } from "../../azure/of-stack.ts";
import type { AppConfig } from "../../settings/schema.ts";
import type { Settings } from "../../settings/settings.ts";

/**
 * @returns in words: `the app luntra-outreach-app`, `the env file .env`
 * @throws ArmError, PropiqError, RunError where an app could not be asked: it may well use the cache
 */
export async function usersOf(
  host: string,
  { apps, azure, envFile }: Pick<Settings, "apps" | "azure" | "envFile">,
): Promise<string[]> {
  const users: string[] = [];
  for (const app of apps) {
    // Each app in its own subscription: asked for in the cache's, it would seem not to be there.
    const given = app.subscriptionId ?? azure?.subscriptionId;
    const subscriptionId = await subscriptionOfStack(given, "azure.subscriptionId");
    const arm = await openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    if (await appUses(host, arm, app)) users.push(`the app ${app.name}`);
  }
  if (envFile !== undefined && (await envFileUses(host, envFile))) users.push(`the env file ${envFile}`);
  return users;
}

/** Whether an App Service's settings name the host. */
async function appUses(
  host: string,
  arm: Arm,
  { name: app, resourceGroup, slot }: Pick<AppConfig, "name" | "resourceGroup" | "slot">,
): Promise<boolean> {
  return names(host, await settingsOf(arm, { app, resourceGroup, slot }));
}

/** @param path relative to the project's root, or absolute */
async function envFileUses(host: string, path: string): Promise<boolean> {
  return names(host, await envOf(path));
}

function names(host: string, settings: Readonly<Record<string, string | undefined>>): boolean {
  const { REDIS_HOST, REDIS_URL } = settings;
  return REDIS_HOST === host || (REDIS_URL ?? "").includes(host);
}

async function settingsOf(
  arm: Arm,
  site: { app: string; resourceGroup: string; slot?: string | undefined },
): Promise<Readonly<Record<string, string>>> {
  // An app that does not exist uses nothing.
  return (await ifThere((await openAppService(arm, site)).settings())) ?? {};
}

async function envOf(path: string): Promise<Readonly<Record<string, string | undefined>>> {
  try {
    return parseEnv(await readFile(fromRoot(path), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
}
