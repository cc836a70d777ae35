/** Who uses a database: the stack's App Services by their settings, and its env file. */
import { openArm } from "../../azure/arm.ts";
import { cloudOfStack, subscriptionOfStack } from "../../azure/of-stack.ts";
import type { Settings } from "../../settings/settings.ts";
import { appUses, envFileUses } from "../azure/users.ts";

/** @returns in words: `the app luntra-outreach-app`, `the env file .env` */
export async function usersOf(
  host: string,
  { apps, azure, envFile }: Pick<Settings, "apps" | "azure" | "envFile">,
): Promise<string[]> {
  const users: string[] = [];
  for (const app of apps) {
    const given = app.subscriptionId ?? azure?.subscriptionId;
    const subscriptionId = await subscriptionOfStack(given, "azure.subscriptionId");
    const arm = await openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    if (await appUses(host, arm, app)) users.push(`the app ${app.name}`);
  }
  if (envFile !== undefined && (await envFileUses(host, envFile))) users.push(`the env file ${envFile}`);
  return users;
}
