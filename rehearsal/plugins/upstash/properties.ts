/**
 * How the real provider treats each input of a database (upstash/terraform-provider-upstash, upstash/redis/database/resource.go:
 * ForceNew, Default, TypeSet and CustomizeDiff), and what its API calls each value (crud.go, types.go).
 */
import type { Value } from "../../../infra/provider/protocol/values.ts";

export interface Property {
  /** In the body of a create. */
  inBody?: string;
  /** In the API's answer. */
  inAnswer: string;
  /** Taken where the input is absent, and named in the inputs' `__defaults`. */
  default?: Value;
  /** A change from the one to the other makes another database. */
  replaces?(before: Value, after: Value): boolean;
  /** Terraform's sets: no order, and an empty one means none. */
  set?: true;
}

const always = (): boolean => true;

export const DATABASE: Readonly<Record<string, Property>> = {
  databaseName: { inBody: "database_name", inAnswer: "database_name", replaces: always },
  region: { inBody: "region", inAnswer: "region", replaces: always },
  primaryRegion: { inBody: "primary_region", inAnswer: "primary_region", replaces: always },
  readRegions: { inBody: "read_regions", inAnswer: "read_regions", set: true },
  tls: {
    inBody: "tls",
    inAnswer: "tls",
    default: false,
    replaces: (before, after) => before === true && after === false,
  },
  eviction: { inBody: "eviction", inAnswer: "eviction", default: false },
  autoScale: { inBody: "auto_upgrade", inAnswer: "auto_upgrade", default: false },
  prodPack: { inBody: "prod_pack_enabled", inAnswer: "prod_pack_enabled", default: false },
  budget: { inBody: "budget", inAnswer: "budget", default: 20 },
  ipAllowlists: { inAnswer: "allowed_ip_ranges", set: true },
};

/** Inputs of the SDK that are deprecated: the provider has no defaults for them, and the stand-in was never tried with them. */
export const DEPRECATED: readonly string[] = ["consistent", "multizone"];

/** Outputs that are not inputs (crud.go, resourceDatabaseRead). */
export const OUTPUTS: Readonly<Record<string, string>> = {
  consistent: "consistent",
  creationTime: "creation_time",
  databaseId: "database_id",
  databaseType: "database_type",
  dbDailyBandwidthLimit: "db_daily_bandwidth_limit",
  dbDiskThreshold: "db_disk_threshold",
  dbMaxClients: "db_max_clients",
  dbMaxCommandsPerSecond: "db_max_commands_per_second",
  dbMaxEntrySize: "db_max_entry_size",
  dbMaxRequestSize: "db_max_request_size",
  dbMemoryThreshold: "db_memory_threshold",
  endpoint: "endpoint",
  multizone: "multizone",
  password: "password",
  port: "port",
  readOnlyRestToken: "read_only_rest_token",
  restToken: "rest_token",
  state: "state",
  userEmail: "user_email",
};

/** Marked by the provider itself (resource.go, Sensitive). */
export const SECRETS: ReadonlySet<string> = new Set(["password", "restToken", "readOnlyRestToken"]);
