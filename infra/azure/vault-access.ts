/** A Key Vault, and whether an identity may read its secrets. */
import { API_VERSIONS } from "./api-versions.ts";
import { type Arm, ArmError } from "./arm.ts";
import { ifThere } from "./if-there.ts";

type Asking = Pick<Arm, "request" | "subscriptionId">;

export interface Vault {
  id: string;
  name?: string;
  properties?: {
    enableRbacAuthorization?: boolean;
    accessPolicies?: { objectId?: string; permissions?: { secrets?: string[] } }[];
  };
}

/** In the resource group of the app, or anywhere in the subscription. @returns undefined where there is none */
export async function findVault(
  arm: Asking,
  group: string,
  name: string,
  signal: AbortSignal,
): Promise<Vault | undefined> {
  const scope = `/subscriptions/${arm.subscriptionId}`;
  const near = `${scope}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${name}`;
  const request = { method: "GET", apiVersion: API_VERSIONS.vaults, signal } as const;
  const found = await ifThere(arm.request({ ...request, path: near }));
  if (found !== undefined) return { ...(found.body as Vault | undefined), id: near };
  const all = await arm.request({ ...request, path: `${scope}/providers/Microsoft.KeyVault/vaults` });
  const { value = [] } = (all.body ?? {}) as { value?: Vault[] };
  return value.find((vault) => vault.name?.toLowerCase() === name.toLowerCase());
}

/** `unknown` where the identity may not read the roles. */
export type VaultAccess = "granted" | "refused" | "unknown";

/** @param reader the object id of an identity */
export async function vaultAccess(
  arm: Asking,
  vault: Vault,
  reader: string,
  signal: AbortSignal,
): Promise<VaultAccess> {
  const { enableRbacAuthorization = false, accessPolicies } = vault.properties ?? {};
  if (!enableRbacAuthorization) {
    if (accessPolicies === undefined) return "unknown";
    const own = accessPolicies.filter(({ objectId }) => objectId?.toLowerCase() === reader.toLowerCase());
    const rights = own.flatMap(({ permissions }) => permissions?.secrets ?? []);
    return rights.some((right) => /^(get|all)$/i.test(right)) ? "granted" : "refused";
  }
  try {
    return (await hasRole(arm, vault.id, reader, signal)) ? "granted" : "refused";
  } catch (error) {
    if (error instanceof ArmError) return "unknown";
    throw error;
  }
}

const READ_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action";

async function hasRole(arm: Asking, scope: string, reader: string, signal: AbortSignal): Promise<boolean> {
  const { body } = await arm.request({
    method: "GET",
    path: `${scope}/providers/Microsoft.Authorization/roleAssignments`,
    apiVersion: API_VERSIONS.roleAssignments,
    // With those of groups that the identity is in.
    query: { $filter: `assignedTo('${reader}')` },
    signal,
  });
  const { value = [] } = (body ?? {}) as { value?: { properties?: { roleDefinitionId?: string } }[] };
  const roles = new Set(value.flatMap(({ properties }) => properties?.roleDefinitionId ?? []));
  for (const path of roles) {
    if (grantsRead((await definition(arm, path, signal)) ?? [])) return true;
  }
  return false;
}

interface RolePermission {
  dataActions?: string[];
  notDataActions?: string[];
}

async function definition(arm: Asking, path: string, signal: AbortSignal): Promise<RolePermission[]> {
  const { body } = await arm.request({
    method: "GET",
    path,
    apiVersion: API_VERSIONS.roleDefinitions,
    signal,
  });
  return (
    (body as { properties?: { permissions?: RolePermission[] } } | undefined)?.properties?.permissions ?? []
  );
}

function grantsRead(permissions: readonly RolePermission[]): boolean {
  const includes = (patterns: readonly string[] = []) => patterns.some(matchesRead);
  return permissions.some(
    ({ dataActions, notDataActions }) => includes(dataActions) && !includes(notDataActions),
  );
}

/** Patterns of roles are names with stars. */
function matchesRead(pattern: string): boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[^\w/]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(READ_SECRET);
}
