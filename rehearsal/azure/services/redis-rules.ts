/** What Azure Cache for Redis accepts, as far as its schema does not say it. */
import { refusals } from "../refusals.ts";

export interface Sku {
  name: "Basic" | "Standard" | "Premium";
  family: "C" | "P";
  capacity: number;
}

export interface Settings {
  sku: Sku;
  redisConfiguration: Record<string, string>;
  redisVersion: string;
  enableNonSslPort: boolean;
  minimumTlsVersion: string;
  publicNetworkAccess: "Enabled" | "Disabled";
  disableAccessKeyAuthentication: boolean;
}

export const DEFAULTS: Omit<Settings, "sku"> = {
  redisConfiguration: {},
  redisVersion: "6.0",
  enableNonSslPort: false,
  minimumTlsVersion: "1.2",
  publicNetworkAccess: "Enabled",
  disableAccessKeyAuthentication: false,
};

/** The settings that are kept; fields that clients may not set are passed over, as Azure does. */
export function known(properties: Partial<Settings>): Partial<Settings> {
  const names = [...(Object.keys(DEFAULTS) as (keyof Settings)[]), "sku" as const];
  return Object.fromEntries(
    names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  );
}

const MB = 1_048_576;
/** azure.microsoft.com/pricing/details/cache, read 2026-11. */
const MEMORY_MB = {
  C: [250, 1_024, 2_560, 6_144, 13_312, 26_624, 54_272],
  P: [0, 6_144, 13_312, 26_624, 54_272, 122_880],
} as const;
const MAX_CLIENTS = {
  C: [256, 1_000, 2_000, 5_000, 10_000, 15_000, 20_000],
  P: [0, 7_500, 15_000, 30_000, 40_000, 40_000],
} as const;

export const memoryBytesOf = ({ family, capacity }: Sku): number => (MEMORY_MB[family][capacity] ?? 0) * MB;
export const maxClientsOf = ({ family, capacity }: Sku): number => MAX_CLIENTS[family][capacity] ?? 0;

/** learn.microsoft.com, "Naming rules and restrictions for Azure resources": Microsoft.Cache/Redis. */
export function checkName(name: string): void {
  if (/^[a-zA-Z0-9](-?[a-zA-Z0-9]){0,62}$/.test(name) && name.length <= 63) return;
  throw refusals.invalidBody("name");
}

/** hashicorp/terraform-provider-azurerm#1379, Azure/azure-cli#2902. */
const NOT_ON_BASIC = [
  "maxmemory-reserved",
  "maxmemory-delta",
  "maxfragmentationmemory-reserved",
  "notify-keyspace-events",
];

export function checkConfiguration({ sku, redisConfiguration }: Settings): void {
  if (sku.name !== "Basic") return;
  const setting = NOT_ON_BASIC.find((name) => redisConfiguration[name] !== undefined);
  if (setting !== undefined) throw refusals.settingNotOnBasic(setting);
}

export type Scaling = "none" | "online" | "loses-data";

/**
 * What a change of the settings means: learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-scale. A Basic cache
 * is down while it is scaled and loses its data; a Standard one stays there.
 *
 * @throws ArmRefusal for what "isn't supported" there, and for a SKU that changes along with something else, which can
 * fail; Azure's words for these could not be found: they are the emulator's
 */
export function scalingOf(before: Settings, after: Settings): Scaling {
  const scaling = scalingOfSku(before.sku, after.sku);
  if (scaling === "none" || JSON.stringify({ ...after, sku: before.sku }) === JSON.stringify(before))
    return scaling;
  throw refusals.badRequest("The SKU and other properties cannot be changed in the same update.");
}

function scalingOfSku(before: Sku, after: Sku): Scaling {
  const tier = ORDER.indexOf(after.name) - ORDER.indexOf(before.name);
  const size = after.capacity - before.capacity;
  if (tier === 0 && size === 0) return "none";
  const from = `'${before.name} ${before.family}${before.capacity}'`;
  const to = `'${after.name} ${after.family}${after.capacity}'`;
  const refuse = (why: string) =>
    refusals.badRequest(`Scaling from ${from} to ${to} is not supported: ${why}.`);
  if (tier < 0) throw refuse("you can't scale from a higher pricing tier to a lower pricing tier");
  if (tier > 1) throw refuse("you can't scale from a Basic cache directly to a Premium cache");
  if (tier === 1 && after.name === "Standard" && size !== 0) {
    throw refuse("scale from Basic to Standard first, and change the size in a subsequent operation");
  }
  if (size < 0 && after.capacity === 0)
    throw refuse("you can't scale from a larger size down to the C0 (250 MB) size");
  return before.name === "Basic" ? "loses-data" : "online";
}

const ORDER = ["Basic", "Standard", "Premium"] as const;
