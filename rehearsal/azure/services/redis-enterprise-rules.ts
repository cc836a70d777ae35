/** What Azure Managed Redis accepts, as far as its schemas do not say it. Words without a source are the emulator's. */
import { WITHHELD_BY_AZURE_CACHE } from "../cache-server.ts";
import { refusals } from "../refusals.ts";

export interface ClusterSettings {
  publicNetworkAccess: "Enabled" | "Disabled";
  highAvailability: "Enabled" | "Disabled";
  minimumTlsVersion: string;
}
export interface DatabaseSettings {
  clientProtocol: "Encrypted" | "Plaintext";
  port: number;
  clusteringPolicy: "EnterpriseCluster" | "OSSCluster" | "NoCluster";
  evictionPolicy: keyof typeof EVICTION;
  accessKeysAuthentication: "Enabled" | "Disabled";
  persistence?: unknown;
  modules?: unknown;
}

/** The specification's defaults, API 2025-07-01. */
export const CLUSTER_DEFAULTS: Pick<ClusterSettings, "highAvailability" | "minimumTlsVersion"> = {
  highAvailability: "Enabled",
  minimumTlsVersion: "1.2",
};
export const DATABASE_DEFAULTS: DatabaseSettings = {
  clientProtocol: "Encrypted",
  port: 10_000,
  clusteringPolicy: "OSSCluster",
  evictionPolicy: "VolatileLRU",
  accessKeysAuthentication: "Disabled",
};

/** As redis.conf names them. */
export const EVICTION = {
  AllKeysLFU: "allkeys-lfu",
  AllKeysLRU: "allkeys-lru",
  AllKeysRandom: "allkeys-random",
  VolatileLRU: "volatile-lru",
  VolatileLFU: "volatile-lfu",
  VolatileTTL: "volatile-ttl",
  VolatileRandom: "volatile-random",
  NoEviction: "noeviction",
} as const;

/** Only database 0 is there, and SELECT is refused; the rest as in Azure Cache. */
export const WITHHELD = [...WITHHELD_BY_AZURE_CACHE, "SELECT"] as const;

const GB = 1_073_741_824;
/** learn.microsoft.com/azure/redis/overview, read 2026-11; about a fifth is kept back. */
const MEMORY_GB: Readonly<Record<string, number>> = { B0: 0.5, B1: 1, B3: 3, B5: 6, B10: 12 };

/** @throws Error for a SKU that the emulator does not know */
export function memoryBytesOf(sku: string): number {
  const gigabytes = MEMORY_GB[sku.replace("Balanced_", "")];
  if (gigabytes === undefined) throw new Error(`the emulator does not know the SKU ${sku}`);
  return Math.round(gigabytes * GB * 0.8);
}

/** learn.microsoft.com, "Naming rules and restrictions for Azure resources": Microsoft.Cache/redisEnterprise. */
export function checkClusterName(name: string): void {
  if (!/^(?=.{1,60}$)[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$/.test(name)) throw refusals.invalidBody("name");
}

export function checkSku(sku: string, zones: readonly string[]): void {
  if (/^Enterprise(Flash)?_/.test(sku)) throw refusals.enterpriseRetired();
  if (zones.length > 0) throw refusals.zonesNotSupported(sku);
}

/** learn.microsoft.com/azure/redis/high-availability: it "can't be disabled once enabled". */
export function checkClusterChange(before: ClusterSettings, after: ClusterSettings): void {
  if (before.highAvailability === "Enabled" && after.highAvailability === "Disabled") {
    throw refusals.badRequest("High availability cannot be disabled on an existing cache.");
  }
}

/** @returns whether the change gives both keys anew, as leaving NoCluster does */
export function checkDatabaseChange(before: DatabaseSettings, after: DatabaseSettings): boolean {
  if (before.port !== after.port) throw refusals.badRequest("The port of a database cannot be changed.");
  if (before.clusteringPolicy === after.clusteringPolicy) return false;
  if (before.clusteringPolicy === "NoCluster") return true;
  throw refusals.badRequest(
    `The clustering policy cannot be changed from '${before.clusteringPolicy}' to '${after.clusteringPolicy}'.`,
  );
}

export const accessKeysDisabled = () =>
  refusals.badRequest(
    "Access keys authentication is disabled for this database, so its keys cannot be listed.",
  );
