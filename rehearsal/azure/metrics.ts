/**
 * The metrics that Azure Monitor has of a resource, by its type: names, default aggregation, dimensions. Copied from
 * Microsoft's lists, which follow from calls of Azure (MicrosoftDocs/azure-monitor-docs,
 * articles/azure-monitor/reference/supported-metrics):
 * - microsoft-cache-redis-metrics.md of 2026-06-22, without those of single shards (`cachehits0` to `usedmemoryRss9`)
 * - microsoft-cache-redisenterprise-metrics.md of 2026-07-31, without those of sizes of keys (`Shard…Items…`,
 *   `ShardStringsSizesUnder128M`)
 */

export interface Metric {
  /** The default one; of `Several` there is none. */
  aggregation: "Average" | "Count" | "Maximum" | "Minimum" | "Several" | "Total";
  unit: "Bytes" | "BytesPerSecond" | "Count" | "CountPerSecond" | "MicroSeconds" | "Percent" | "Seconds";
  dimensions: readonly string[];
}

type Row = readonly [names: string, Metric["aggregation"], Metric["unit"], ...dimensions: string[]];

const BY_INSTANCE = ["ShardId", "Port", "Primary"] as const;

const REDIS: readonly Row[] = [
  ["allcachehits allcachemisses allevictedkeys allexpiredkeys", "Total", "Count", ...BY_INSTANCE],
  ["allgetcommands allsetcommands alltotalcommandsprocessed", "Total", "Count", ...BY_INSTANCE],
  ["allcacheRead allcacheWrite", "Maximum", "BytesPerSecond", ...BY_INSTANCE],
  ["allconnectedclients alloperationsPerSecond alltotalkeys", "Maximum", "Count", ...BY_INSTANCE],
  ["ConnectedClientsUsingAADToken", "Maximum", "Count", ...BY_INSTANCE],
  ["allpercentprocessortime allserverLoad allusedmemorypercentage", "Maximum", "Percent", ...BY_INSTANCE],
  ["allusedmemory allusedmemoryRss", "Maximum", "Bytes", ...BY_INSTANCE],
  [
    "allConnectionsClosedPerSecond allConnectionsCreatedPerSecond",
    ...(["Several", "CountPerSecond", "ShardId", "Primary", "Ssl"] as const),
  ],
  ["cachehits cachemisses evictedkeys expiredkeys", "Total", "Count", "ShardId"],
  ["getcommands setcommands totalcommandsprocessed", "Total", "Count", "ShardId"],
  ["cachemissrate", "Total", "Percent", "ShardId"],
  ["cacheLatency", "Average", "Count", "ShardId"],
  ["cacheRead cacheWrite", "Maximum", "BytesPerSecond", "ShardId"],
  ["connectedclients operationsPerSecond totalkeys", "Maximum", "Count", "ShardId"],
  ["errors", "Maximum", "Count", "ShardId", "ErrorType"],
  ["percentProcessorTime serverLoad usedmemorypercentage", "Maximum", "Percent", "ShardId"],
  ["usedmemory usedmemoryRss", "Maximum", "Bytes", "ShardId"],
  ["LatencyP99", "Several", "Count"],
  ["GeoReplicationConnectivityLag", "Several", "Seconds", "ShardId"],
  ["GeoReplicationDataSyncOffset", "Several", "Bytes", "ShardId"],
  ["GeoReplicationFullSyncEventFinished GeoReplicationFullSyncEventStarted", "Count", "Count", "ShardId"],
  ["GeoReplicationHealthy", "Several", "Count", "ShardId"],
];

const REDIS_ENTERPRISE: readonly Row[] = [
  // Rates, all of them, whatever their unit says.
  ["cachehits cachemisses evictedkeys expiredkeys", "Average", "Count"],
  ["getcommands setcommands totalcommandsprocessed", "Average", "Count"],
  ["cacheLatency", "Average", "MicroSeconds", "InstanceId"],
  ["cacheRead cacheWrite", "Maximum", "BytesPerSecond", "InstanceId"],
  ["connectedclients", "Maximum", "Count", "InstanceId"],
  ["percentProcessorTime", "Maximum", "Percent", "InstanceId"],
  ["serverLoad usedmemorypercentage", "Maximum", "Percent"],
  ["geoReplicationHealthy totalkeys", "Maximum", "Count"],
  ["operationsPerSecond", "Maximum", "CountPerSecond"],
  ["usedmemory", "Maximum", "Bytes"],
  ["ShardKeyCount", "Maximum", "Count", "InstanceId", "Slots", "Shard", "Role"],
  [
    "ShardMemoryClientsNormalBytes ShardMemoryClientsReplicaBytes ShardMemoryUsedBytes",
    ...(["Maximum", "Bytes", "InstanceId", "Slots", "Shard", "Role"] as const),
  ],
  ["ShardReplicationLinkUp", "Minimum", "Count", "InstanceId", "Slots", "Shard", "Role"],
];

const METRICS: ReadonlyMap<string, ReadonlyMap<string, Metric>> = new Map([
  ["microsoft.cache/redis", byName(REDIS)],
  ["microsoft.cache/redisenterprise", byName(REDIS_ENTERPRISE)],
]);

function byName(rows: readonly Row[]): Map<string, Metric> {
  return new Map(
    rows.flatMap(([names, aggregation, unit, ...dimensions]) =>
      names.split(" ").map((name) => [name.toLowerCase(), { aggregation, unit, dimensions }] as const),
    ),
  );
}

/** @returns undefined for one that the type does not have; letter case means nothing, as in Azure */
export function metricOf(type: string, name: string): Metric | undefined {
  return METRICS.get(type.toLowerCase())?.get(name.toLowerCase());
}
