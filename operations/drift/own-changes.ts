/**
 * What Azure changes by itself: states that it reports, defaults that it fills in after a create, versions that it
 * patches. None of it is another user's change. Pure.
 */
import type { KeyChange } from "./finding.ts";
import type { StateResource } from "./state.ts";

/** Properties that no request sets. */
const REPORTED: ReadonlySet<string> = new Set([
  ...["provisioningState", "resourceState", "hostName", "port", "sslPort", "accessKeys", "instances"],
  ...["linkedServers", "privateEndpointConnections", "redisVersion", "redundancyMode", "systemData"],
  ...["id", "type", "azureApiVersion", "etag"],
]);

/** Defaults of `redisConfiguration` that Azure chooses by the size of the cache. */
const CHOSEN: ReadonlySet<string> = new Set([
  ...["maxclients", "maxmemory-reserved", "maxfragmentationmemory-reserved", "maxmemory-delta"],
  ...["zonal-configuration", "preferred-data-archive-auth-method", "preferred-data-persistence-auth-method"],
  ...["rdb-backup-enabled", "aof-backup-enabled", "aad-enabled"],
]);

/** @returns the changes that a user must have made */
export function withoutOwnChanges(
  { type, inputs }: Pick<StateResource, "type" | "inputs">,
  keys: readonly KeyChange[],
): KeyChange[] {
  if (!type.startsWith("azure-native:")) return [...keys];
  return keys.filter(({ name, change }) => {
    const path = partsOf(name);
    const [root = ""] = path;
    if (REPORTED.has(root)) return false;
    if (change !== "added" || root === "tags") return true;
    // An addition below something that the program sets may be anyone's; elsewhere Azure has filled in a default.
    return isIn(inputs, path.slice(0, -1)) && path.length > 1 && !CHOSEN.has(kebab(path.at(-1) ?? ""));
  });
}

/** `redisConfiguration["maxmemory-reserved"]`, `tags.team` */
function partsOf(path: string): string[] {
  return path
    .replace(/\["?([^"\]]*)"?\]/g, ".$1")
    .split(".")
    .filter((part) => part !== "");
}

/** The SDK writes `maxmemoryReserved` for Azure's `maxmemory-reserved`. */
function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function isIn(value: unknown, path: readonly string[]): boolean {
  let at = value;
  for (const part of path) at = typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined;
  return at !== undefined;
}
