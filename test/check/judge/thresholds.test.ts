import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import { DEFAULT_EXPECTATIONS } from "../../../check/expectations.ts";
import type { Target } from "../../../check/target.ts";
import { startProxy } from "../../../rehearsal/fault-proxy.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";

let redis: TestRedis;
afterEach(() => redis.stop());

/** A threshold never makes a check fail. */
async function warningsOf(target: Target, more = {}, expected = DEFAULT_EXPECTATIONS) {
  const report = await checkCache({ enabled: true, target, expect: expected, ...more });
  expect(report.verdict).toBe("degraded");
  return report.checks.filter(({ status }) => status === "warn").map(({ code }) => code);
}

it("warns of a full cache that evicts nothing", async () => {
  redis = await startRedis({ args: ["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"] });
  expect(await warningsOf(redis.target)).toEqual(["EVICTION_OFF"]);
});

it("warns of memory by the plan's limit rather than the server's", async () => {
  redis = await startRedis({ args: ["--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"] });
  expect(await warningsOf(redis.target, { memoryLimitMb: 1 })).toEqual(["MEMORY_HIGH"]);
  expect((await checkCache({ enabled: true, target: redis.target })).verdict).toBe("healthy");
});

it("warns of look-ups that find nothing, and its own do not count", async () => {
  redis = await startRedis();
  const client = new Redis({ port: redis.port });
  await Promise.all(Array.from({ length: 120 }, (_, key) => client.get(`missing:${key}`)));
  client.disconnect();
  const report = await checkCache({ enabled: true, target: redis.target });
  expect(report.checks.find(({ id }) => id === "hit-rate")).toMatchObject({ code: "HIT_RATE_LOW" });
  expect(report.measurements.hitRate).toBe(0);
});

it("warns of a server that is slow although the network is not", async () => {
  redis = await startRedis();
  // Connecting is quick, replies are late: what a busy server looks like.
  const proxy = await startProxy({ to: redis.port, delayMs: 40 });
  const strict = { ...DEFAULT_EXPECTATIONS, responseGoodMs: 5, responseMaxMs: 20 };
  expect(await warningsOf({ ...redis.target, port: proxy.port }, {}, strict)).toEqual(["RESPONSE_SLOW"]);
  await proxy.stop();
});
