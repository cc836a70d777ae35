/** The fields of INFO that a check looks at. No provider has them all, so each may be missing. */
export interface Info {
  /** Valkey reports a version of Redis, too, whose commands it knows. */
  serverName?: "Redis" | "Valkey";
  serverVersion?: string;
  uptimeSeconds?: number;
  connectedClients?: number;
  usedBytes?: number;
  /** The most that it was, since the server started. */
  peakBytes?: number;
  /** The server's own limit; 0 means none. */
  maxBytes?: number;
  evictionPolicy?: string;
  evictedKeys?: number;
  hits?: number;
  misses?: number;
  /** In the database that the check uses. */
  keys?: number;
  /** Of these, the ones that have an end. */
  keysWithTtl?: number;
  /** The server's own limit of connections. */
  maxClients?: number;
  /** Since the server started. */
  commandsProcessed?: number;
  /** Sent to clients, since the server started. */
  outputBytes?: number;
  clusterEnabled?: boolean;
}

/**
 * Reads what INFO answers; strange lines and values are passed over.
 * @param db the database whose keys are counted
 */
export function parseInfo(text: string, db: number): Info {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const count = (name: string) => wholeNumber(fields.get(name));
  // Upstash keeps the data on disk: its RAM figures say nothing about the plan's quota, which has fields of its own.
  const dataBytes = count("total_data_size");
  const usedBytes = dataBytes ?? count("used_memory");
  const peakBytes = dataBytes === undefined ? count("used_memory_peak") : undefined;
  const maxBytes = count("max_data_size") ?? count("maxmemory");
  const keyspace = fields.get(`db${db}`);
  const cluster = fields.get("cluster_enabled");
  const valkeyVersion = fields.get("valkey_version");
  const serverVersion = valkeyVersion ?? fields.get("redis_version");
  return withoutMissing({
    serverName: serverVersion === undefined ? undefined : valkeyVersion === undefined ? "Redis" : "Valkey",
    serverVersion,
    uptimeSeconds: count("uptime_in_seconds"),
    connectedClients: count("connected_clients"),
    usedBytes,
    peakBytes,
    maxBytes,
    evictionPolicy: fields.get("maxmemory_policy"),
    evictedKeys: count("evicted_keys"),
    hits: count("keyspace_hits"),
    misses: count("keyspace_misses"),
    keys: wholeNumber(/^keys=(\d+)/.exec(keyspace ?? "")?.[1]),
    keysWithTtl: wholeNumber(/^keys=\d+,expires=(\d+)/.exec(keyspace ?? "")?.[1]),
    maxClients: count("maxclients"),
    commandsProcessed: count("total_commands_processed"),
    outputBytes: count("total_net_output_bytes"),
    clusterEnabled: cluster === undefined ? undefined : cluster === "1",
  });
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function withoutMissing(fields: { [K in keyof Info]-?: Info[K] | undefined }): Info {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
