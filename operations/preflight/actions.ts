/** What a stack does in Azure, as the actions that its identity must be allowed, and whether it is. Pure. */

import { serviceOf } from "../../infra/azure/services.ts";
import type { Plan } from "../../infra/plans/catalogue.ts";
import { AZURE_DEFAULTS } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";

/** Actions at one place. */
export interface Need {
  /** An id in Resource Manager: a resource group's, or a subscription's. */
  scope: string;
  actions: readonly string[];
}

/** One entry of `Microsoft.Authorization/permissions`: what a role of the caller's gives. */
export interface Permission {
  actions: readonly string[];
  notActions: readonly string[];
}

const CACHE = {
  azure: ["read", "write", "delete", "listKeys/action"].map((act) => `Microsoft.Cache/redis/${act}`),
  "azure-managed": [
    ...["read", "write", "delete"].map((act) => `Microsoft.Cache/redisEnterprise/${act}`),
    ...["read", "write", "delete", "listKeys/action"].map(
      (act) => `Microsoft.Cache/redisEnterprise/databases/${act}`,
    ),
  ],
} as const;
const PRIVATE = [
  ...["read", "write", "delete"].map((act) => `Microsoft.Network/privateEndpoints/${act}`),
  "Microsoft.Network/virtualNetworks/subnets/join/action",
];
const FIREWALL = ["read", "write", "delete"].map((act) => `Microsoft.Cache/redis/firewallRules/${act}`);
const ALERTS = ["metricAlerts", "actionGroups", "workbooks"].flatMap((type) =>
  ["read", "write", "delete"].map((act) => `Microsoft.Insights/${type}/${act}`),
);
const VAULT = ["vaults/read", "vaults/secrets/read", "vaults/secrets/write"].map(
  (act) => `Microsoft.KeyVault/${act}`,
);

/**
 * @param place where the stack's caches and each app live, as subscription ids
 * @returns a need for each resource group, and for the subscription where a group is made
 */
export function needsOf(
  settings: Pick<Settings, "plan" | "standby" | "azure" | "apps" | "alerts">,
  place: { cache: string; app: (index: number) => string },
): Need[] {
  const needs: Need[] = [];
  const { azure, apps } = settings;
  const group = (azure ?? AZURE_DEFAULTS).resourceGroup;
  const cache = [settings.plan, ...settings.standby].flatMap((plan, index) =>
    actionsOfPlan(plan, index === 0 && azure?.adopt !== undefined, azure?.network),
  );
  if (cache.length > 0) needs.push({ scope: groupId(place.cache, group), actions: cache });
  if (wantsAlerts(settings)) needs.push({ scope: groupId(place.cache, group), actions: ALERTS });
  if (azure?.createResourceGroup && cache.length > 0) {
    const actions = ["read", "write", "delete"].map(
      (act) => `Microsoft.Resources/subscriptions/resourceGroups/${act}`,
    );
    needs.push({ scope: `/subscriptions/${place.cache}`, actions });
  }
  apps.forEach((app, index) => {
    if (!app.manage) return;
    const site = app.slot === undefined ? "Microsoft.Web/sites" : "Microsoft.Web/sites/slots";
    const actions = [
      `${site}/read`,
      ...["read", "write", "list/action"].map((act) => `${site}/config/${act}`),
      ...(app.keyVault === undefined ? [] : VAULT),
    ];
    needs.push({ scope: groupId(place.app(index), app.resourceGroup), actions });
  });
  return merged(needs);
}

/** Azure Monitor watches the cache in use, where that is Azure's. */
export function wantsAlerts({ alerts, plan }: Pick<Settings, "alerts" | "plan">): boolean {
  return alerts !== undefined && serviceOf(plan) !== undefined;
}

function actionsOfPlan(
  plan: Plan,
  adopted: boolean,
  network: NonNullable<Settings["azure"]>["network"] | undefined,
): string[] {
  const service = serviceOf(plan);
  if (service === undefined) return [];
  // An adopted cache is read and wired, and nothing else.
  if (adopted) return CACHE[service].filter((action) => /\/(read|listKeys\/action)$/.test(action));
  const around = [
    ...(network?.access === "private" ? PRIVATE : []),
    // Configs with addresses for Azure Managed Redis, which has no firewall rules, are refused.
    ...((network?.allowedIps ?? []).length > 0 ? FIREWALL : []),
  ];
  return [...CACHE[service], ...around];
}

const groupId = (subscriptionId: string, group: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}`;

/** One need for each scope. Ids are the same in either case. */
function merged(needs: readonly Need[]): Need[] {
  const byScope = new Map<string, Need>();
  for (const need of needs) {
    const key = need.scope.toLowerCase();
    const known = byScope.get(key);
    const actions = [...new Set([...(known?.actions ?? []), ...need.actions])];
    byScope.set(key, { scope: known?.scope ?? need.scope, actions });
  }
  return [...byScope.values()];
}

/** Those of the actions that no role of the caller's gives. */
export function missingActions(actions: readonly string[], permissions: readonly Permission[]): string[] {
  return actions.filter((action) => !permissions.some((permission) => allows(permission, action)));
}

/** @see https://learn.microsoft.com/azure/role-based-access-control/role-definitions */
function allows({ actions, notActions }: Permission, action: string): boolean {
  const fits = (pattern: string) => wildcard(pattern).test(action);
  return actions.some(fits) && !notActions.some(fits);
}

function wildcard(pattern: string): RegExp {
  const literal = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`, "i");
}
