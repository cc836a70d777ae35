/** What Azure Cache for Redis accepts, as far as its schema does not say it. */
import { refusals } from "../refusals.ts";
import { ArmRefusal } from "../service.ts";

export interface Sku {
  name: "Basic" | "Standard" | "Premium";
  family: "C" | "P";
  capacity: number;
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

export function checkConfiguration(sku: Sku, configuration: Readonly<Record<string, string>>): void {
  if (sku.name !== "Basic") return;
  const setting = NOT_ON_BASIC.find((name) => configuration[name] !== undefined);
  if (setting !== undefined) throw refusals.settingNotOnBasic(setting);
}

export type Scaling = "none" | "online" | "loses-data";

/**
 * What a change of the SKU means: learn.microsoft.com/azure/azure-cache-for-redis/cache-how-to-scale. A Basic cache is down
 * meanwhile and loses its data; a Standard one stays there.
 *
 * @throws ArmRefusal for what "isn't supported" there; its own words could not be found, so they are the emulator's
 */
export function scalingOf(before: Sku, after: Sku): Scaling {
  const tier = ORDER.indexOf(after.name) - ORDER.indexOf(before.name);
  const size = after.capacity - before.capacity;
  if (tier === 0 && size === 0) return "none";
  const from = `'${before.name} ${before.family}${before.capacity}'`;
  const to = `'${after.name} ${after.family}${after.capacity}'`;
  const refuse = (why: string) =>
    new ArmRefusal(400, "BadRequest", `Scaling from ${from} to ${to} is not supported: ${why}.`);
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
