import { expect, it } from "vitest";
import { parseInfo } from "../../check/info.ts";

const lines = (...text: string[]) => text.join("\r\n");

it("reads the fields of a Redis, and the keys of the database that is used", () => {
  const text = lines(
    "# Server",
    "redis_version:7.0.15",
    "uptime_in_seconds:42",
    "connected_clients:3",
    "maxclients:100",
    "used_memory:1000",
    "used_memory_peak:1200",
    "maxmemory:0",
    "maxmemory_policy:noeviction",
    "evicted_keys:1",
    "total_commands_processed:99",
    "total_net_output_bytes:12345",
    "keyspace_hits:7",
    "keyspace_misses:3",
    "cluster_enabled:1",
    "db0:keys=5,expires=0,avg_ttl=0",
    "db2:keys=9,expires=4,avg_ttl=0",
  );
  expect(parseInfo(text, 2)).toEqual({
    serverName: "Redis",
    serverVersion: "7.0.15",
    uptimeSeconds: 42,
    connectedClients: 3,
    usedBytes: 1000,
    peakBytes: 1200,
    maxBytes: 0,
    evictionPolicy: "noeviction",
    evictedKeys: 1,
    hits: 7,
    misses: 3,
    keys: 9,
    keysWithTtl: 4,
    maxClients: 100,
    commandsProcessed: 99,
    outputBytes: 12345,
    clusterEnabled: true,
  });
});

it("calls Valkey by its name and its own version", () => {
  const text = lines("redis_version:7.2.4", "server_name:valkey", "valkey_version:8.1.1");
  expect(parseInfo(text, 0)).toEqual({ serverName: "Valkey", serverVersion: "8.1.1" });
});

it("takes Upstash's data and quota in place of its memory", () => {
  const text = lines(
    "used_memory:5",
    "used_memory_peak:7",
    "maxmemory:6",
    "# Persistence",
    "total_data_size:100",
    "max_data_size:400",
  );
  expect(parseInfo(text, 0)).toEqual({ usedBytes: 100, maxBytes: 400 });
});

it.each(["", "nonsense", ":::", "used_memory:-1", "used_memory:1e9", "used_memory:", "db0:keys=many"])(
  "knows nothing from %j",
  (text) => {
    expect(parseInfo(text, 0)).toEqual({});
  },
);
