import { expect, it } from "vitest";
import { parseInfo } from "../../check/info.ts";

const lines = (...text: string[]) => text.join("\r\n");

it("reads the fields of a Redis, and the keys of the database that is used", () => {
  const text = lines(
    "# Server",
    "redis_version:7.0.15",
    "uptime_in_seconds:42",
    "connected_clients:3",
    "used_memory:1000",
    "maxmemory:0",
    "maxmemory_policy:noeviction",
    "evicted_keys:1",
    "keyspace_hits:7",
    "keyspace_misses:3",
    "cluster_enabled:1",
    "db0:keys=5,expires=0,avg_ttl=0",
    "db2:keys=9,expires=9,avg_ttl=0",
  );
  expect(parseInfo(text, 2)).toEqual({
    serverVersion: "7.0.15",
    uptimeSeconds: 42,
    connectedClients: 3,
    usedBytes: 1000,
    maxBytes: 0,
    evictionPolicy: "noeviction",
    evictedKeys: 1,
    hits: 7,
    misses: 3,
    keys: 9,
    clusterEnabled: true,
  });
});

it("takes Upstash's data and quota in place of its memory", () => {
  const text = lines(
    "used_memory:5",
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
