/** Lists of Resource Manager, to their last page; and the caches among what they hold. */

import type { Arm } from "./arm.ts";
import { ifThere } from "./if-there.ts";
import { AZURE_SERVICES, type AzureService, SERVICES } from "./services.ts";

/** A page and where the next one is. */
interface Page {
  value?: unknown;
  nextLink?: unknown;
}

/** @param path of the list, from `/subscriptions/…` on @throws ArmError, PropiqError, the signal's reason */
export async function listAll(
  arm: Pick<Arm, "request">,
  path: string,
  apiVersion: string,
  signal?: AbortSignal,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let at: { path: string; query: Record<string, string> } | undefined = { path, query: {} };
  while (at !== undefined) {
    const { body } = await arm.request({ method: "GET", ...at, apiVersion, ...(signal ? { signal } : {}) });
    const { value, nextLink } = (body ?? {}) as Page;
    if (Array.isArray(value))
      found.push(...value.filter((item) => typeof item === "object" && item !== null));
    at = typeof nextLink === "string" && nextLink !== "" ? next(nextLink) : undefined;
  }
  return found;
}

/** The version is asked for anew with each page. */
function next(link: string): { path: string; query: Record<string, string> } {
  const { pathname, searchParams } = new URL(link);
  searchParams.delete("api-version");
  return { path: pathname, query: Object.fromEntries(searchParams) };
}

/** A cache as Azure lists it. */
export interface AzureCache {
  id: string;
  name: string;
  service: AzureService;
  resourceGroup: string;
  location: string;
  hostName: string | undefined;
  /** `Succeeded`, `Creating`, `Failed`, … */
  state: string;
  /** As Azure calls its size: `Basic C0`, `Balanced_B0`. */
  sku: string;
  highAvailability: boolean;
  tags: Readonly<Record<string, unknown>>;
}

/** One cache. @returns nothing if none has that id */
export async function readCache(
  arm: Pick<Arm, "request">,
  id: string,
  service: AzureCache["service"],
): Promise<AzureCache | undefined> {
  const { apiVersion } = SERVICES[service];
  const found = await ifThere(arm.request({ method: "GET", path: id, apiVersion }));
  return found === undefined ? undefined : cacheOf(objectOf(found.body), service);
}

/** All caches below a scope: a subscription, or a resource group. */
export async function listCaches(
  arm: Pick<Arm, "request">,
  scope: string,
  signal?: AbortSignal,
): Promise<AzureCache[]> {
  const lists = await Promise.all(
    AZURE_SERVICES.map(async (service) => {
      const { type, apiVersion } = SERVICES[service];
      const found = await listAll(arm, `${scope}/providers/Microsoft.Cache/${type}`, apiVersion, signal);
      return found.map((item) => cacheOf(item, service));
    }),
  );
  return lists.flat();
}

/** Read leniently: what Azure leaves out is unknown. */
function cacheOf(item: Record<string, unknown>, service: AzureCache["service"]): AzureCache {
  const properties = objectOf(item["properties"]);
  const sku = objectOf(item["sku"] ?? properties["sku"]);
  const id = textOf(item["id"]) ?? "";
  const { name, family, capacity } = sku;
  return {
    id,
    name: textOf(item["name"]) ?? "",
    service,
    resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? "",
    location: (textOf(item["location"]) ?? "").toLowerCase().replaceAll(" ", ""),
    hostName: textOf(properties["hostName"]),
    state: textOf(properties["provisioningState"]) ?? "Unknown",
    ...SIZES[service]({ name: textOf(name) ?? "", family, capacity }, properties["highAvailability"]),
    tags: objectOf(item["tags"]),
  };
}

interface Sku {
  name: string;
  family: unknown;
  capacity: unknown;
}

/** How each service says which size a cache has. */
const SIZES: Readonly<
  Record<AzureService, (sku: Sku, highAvailability: unknown) => Pick<AzureCache, "sku" | "highAvailability">>
> = {
  azure: ({ name, family, capacity }) => ({
    sku: `${name} ${textOf(family) ?? ""}${Number(capacity)}`,
    highAvailability: name !== "Basic",
  }),
  "azure-managed": ({ name }, highAvailability) => ({
    sku: name,
    highAvailability: highAvailability !== "Disabled",
  }),
};

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
