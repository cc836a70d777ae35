/**
 * Which of Azure's built-in roles gives what this project does: the smallest that does, never Owner.
 * Names and actions: learn.microsoft.com/azure/role-based-access-control/built-in-roles.
 */

import { type Command, program } from "../../base/command.ts";

/** First match wins. */
const ROLES: readonly (readonly [RegExp, string])[] = [
  [/^Microsoft\.Web\/sites\//i, "Website Contributor"],
  [/^Microsoft\.KeyVault\//i, "Key Vault Contributor"],
  [/^Microsoft\.Network\//i, "Network Contributor"],
  [/^Microsoft\.Insights\/(metricAlerts|actionGroups|workbooks)\//i, "Monitoring Contributor"],
  [/^Microsoft\.Authorization\//i, "User Access Administrator"],
  // "Redis Cache Contributor" knows nothing of redisEnterprise.
  [/^Microsoft\.Cache\/redis\//i, "Redis Cache Contributor"],
];

/** @param action such as `Microsoft.Cache/redis/write` */
export function roleFor(action: string): string {
  return ROLES.find(([actions]) => actions.test(action))?.[1] ?? "Contributor";
}

/** The command that grants a role, for a user who may. */
export function assignRoleCommand(role: string, assignee: string, scope: string): Command {
  return program(
    "az",
    "role",
    "assignment",
    "create",
    "--assignee",
    assignee,
    "--role",
    role,
    "--scope",
    scope,
  );
}

/** The resource group of an id in Resource Manager: what is going to be made has no scope of its own yet. */
export function groupOf(scope: string): string {
  return /^\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?/i.exec(scope)?.[0] ?? scope;
}
