/** What the caller's role allows: from a request to the action that it needs, and from a role to its actions. */

export interface Permission {
  actions: readonly string[];
  notActions: readonly string[];
}

/** learn.microsoft.com/azure/role-based-access-control/built-in-roles, read 2026-11, as far as these services go. */
export const ROLES = {
  Owner: { actions: ["*"], notActions: [] },
  Contributor: {
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
      "Microsoft.Blueprint/blueprintAssignments/write",
      "Microsoft.Blueprint/blueprintAssignments/delete",
      "Microsoft.Compute/galleries/share/action",
    ],
  },
  Reader: { actions: ["*/read"], notActions: [] },
  "Redis Cache Contributor": {
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Cache/register/action",
      "Microsoft.Cache/redis/*",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.ResourceHealth/availabilityStatuses/read",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Support/*",
    ],
    notActions: [],
  },
  "Monitoring Contributor": {
    actions: [
      "*/read",
      "Microsoft.AlertsManagement/alerts/*",
      "Microsoft.Insights/actiongroups/*",
      "Microsoft.Insights/metricalerts/*",
      "Microsoft.Insights/register/action",
      "Microsoft.Insights/workbooks/*",
      "Microsoft.Support/*",
    ],
    notActions: [],
  },
  "Website Contributor": {
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Insights/alertRules/*",
      "Microsoft.Insights/components/*",
      "Microsoft.ResourceHealth/availabilityStatuses/read",
      "Microsoft.Resources/deployments/*",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Support/*",
      "Microsoft.Web/certificates/*",
      "Microsoft.Web/listSitesAssignedToHostName/read",
      "Microsoft.Web/serverFarms/join/action",
      "Microsoft.Web/serverFarms/read",
      "Microsoft.Web/sites/*",
    ],
    notActions: [],
  },
} as const satisfies Record<string, Permission>;

export type Role = keyof typeof ROLES;

export function allows({ actions, notActions }: Permission, action: string): boolean {
  const fits = (pattern: string) =>
    new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`, "i").test(action);
  return actions.some(fits) && !notActions.some(fits);
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "read",
  HEAD: "read",
  PUT: "write",
  PATCH: "write",
  DELETE: "delete",
};

/**
 * The action that a request needs, by ARM's own rule: the types in its path, then what is done with them.
 *
 * @example actionOf("POST", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Cache/redis/n/listKeys")
 * // "Microsoft.Cache/redis/listKeys/action"
 */
export function actionOf(method: string, path: string): string {
  const segments = path.split("/").filter((segment) => segment !== "");
  const provider = segments.findLastIndex((segment) => segment.toLowerCase() === "providers");
  if (provider < 0) {
    const type =
      segments.length > 2
        ? "Microsoft.Resources/subscriptions/resourceGroups"
        : "Microsoft.Resources/subscriptions";
    return `${type}/${VERBS[method] ?? "action"}`;
  }
  const [namespace = "", ...rest] = segments.slice(provider + 1);
  if (rest.length === 0) return `Microsoft.Resources/subscriptions/providers/${VERBS[method] ?? "action"}`;
  const types = rest.filter((_, index) => index % 2 === 0);
  if (method === "POST") return `${[namespace, ...types].join("/")}/action`;
  // A list, whose path ends with a type, is read like one of its members.
  return `${[namespace, ...types].join("/")}/${VERBS[method] ?? method.toLowerCase()}`;
}

/** The scope that Azure names when it refuses: the resource, without what is done with it. */
export function scopeOf(method: string, path: string): string {
  return method === "POST" ? path.slice(0, path.lastIndexOf("/")) : path;
}
