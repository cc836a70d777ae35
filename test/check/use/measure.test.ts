import { Redis } from "ioredis";
import { afterEach, expect, it } from "vitest";
import { Fault } from "../../../check/faults/fault.ts";
import { measureUse } from "../../../check/use/measure.ts";
import { startProxy } from "../../../rehearsal/fault-proxy.ts";
import { type RedisOptions, startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { bulk, integer, startRespServer } from "../../support/resp-server.ts";

let redis: TestRedis;
let stopProxy: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stopProxy?.();
  stopProxy = undefined;
  await redis.stop();
});

/** @param ttls how many keys get an end, the rest none */
async function filled(keys: number, ttls: number, options: RedisOptions = {}): Promise<void> {
  redis = await startRedis(options);
  const client = new Redis({ port: redis.port });
  await Promise.all(
    Array.from({ length: keys }, (_, index) =>
      index < ttls
        ? client.set(`session:${index}`, "x".repeat(100), "EX", 1000)
        : client.set(`page:${index}`, "x".repeat(900)),
    ),
  );
  client.disconnect();
}
const LIMITS = { sampleSize: 500, deadlineMs: 10_000 };

it("looks at all keys where there are few, with their sizes and ends", async () => {
  await filled(30, 20);
  const { keys, sample, info } = await measureUse(redis.target, LIMITS);
  expect(keys).toBe(30);
  expect(sample).toMatchObject({ complete: true, refused: [] });
  expect(sample.keys).toHaveLength(30);
  expect(sample.keys.filter(({ hasTtl }) => hasTtl)).toHaveLength(20);
  for (const { key, bytes } of sample.keys) {
    expect(bytes).toBeGreaterThan(key.startsWith("page") ? 900 : 100);
    expect(bytes).toBeLessThan(key.startsWith("page") ? 1400 : 400);
  }
  expect(info.peakBytes).toBeGreaterThanOrEqual(info.usedBytes ?? 0);
});

it("limits the number of keys that it looks at", async () => {
  await filled(1000, 500);
  const { sample, keys, commandsUsed } = await measureUse(redis.target, { ...LIMITS, sampleSize: 200 });
  expect(keys).toBe(1000);
  expect(sample.complete).toBe(false);
  expect(new Set(sample.keys.map(({ key }) => key)).size).toBe(200);
  expect(sample.lookUps).toBe(200);
  expect(commandsUsed).toBeLessThan(420);
});

it.each([
  [20, 0, false],
  [20, 20, true],
])(
  "asks no key for its end where all %d have told (%d with one), so that no look-up is counted",
  async (keys, ttls, hasTtl) => {
    await filled(keys, ttls);
    const { sample } = await measureUse(redis.target, LIMITS);
    expect(sample.keys.every((key) => key.hasTtl === hasTtl)).toBe(true);
    expect(sample.lookUps).toBe(0);
    expect(String(await redis.call("INFO", "stats"))).toMatch(/keyspace_hits:0\r/);
  },
);

it("changes no key and touches none: the next eviction finds them as they were", async () => {
  await filled(50, 25);
  const before = await redis.call("DBSIZE");
  await redis.call("OBJECT", "IDLETIME", "page:30");
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await measureUse(redis.target, LIMITS);
  expect(await redis.call("DBSIZE")).toBe(before);
  expect(await redis.call("OBJECT", "IDLETIME", "page:30")).toBeGreaterThanOrEqual(1);
  const stats = String(await redis.call("INFO", "commandstats"));
  expect(stats).not.toMatch(/cmdstat_(del|keys|config|flushall|monitor|expire)/);
});

it("reports what the server refused, and what is known without it", async () => {
  await filled(250, 10, { users: ["default on nopass ~* +@all -memory"] });
  const { sample } = await measureUse(redis.target, LIMITS);
  expect(sample.refused).toHaveLength(1);
  expect(sample.refused[0]).toMatch(/^MEMORY USAGE was answered with: NOPERM/);
  expect(sample.keys).toHaveLength(250);
  // Asked of a hundred keys, and then no more.
  expect(String(await redis.call("INFO", "commandstats"))).toMatch(/cmdstat_memory\S*:.*rejected_calls=100,/);
  expect(sample.keys.every(({ bytes }) => bytes === undefined)).toBe(true);
  expect(sample.keys.filter(({ hasTtl }) => hasTtl)).toHaveLength(10);
});

it("without SCAN it still reports the server's own figures", async () => {
  await filled(20, 10, { args: ["--rename-command", "SCAN", ""] });
  const { sample, info, keys } = await measureUse(redis.target, LIMITS);
  expect(sample).toMatchObject({ keys: [], complete: false });
  expect(sample.refused[0]).toMatch(/^SCAN was answered with/);
  expect([keys, info.keysWithTtl]).toEqual([20, 10]);
});

it("ends in time on a slow connection, with the keys that it has read", async () => {
  await filled(2000, 1000);
  const proxy = await startProxy({ to: redis.port, delayMs: 60 });
  stopProxy = proxy.stop;
  const startedAt = performance.now();
  const { sample } = await measureUse(
    { ...redis.target, port: proxy.port },
    { sampleSize: 2000, deadlineMs: 1500 },
  );
  // A busy machine adds to the deadline.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(sample.complete).toBe(false);
  expect(sample.keys.length).toBeLessThan(2000);
});

it("knows that it has not seen all keys where the last page of SCAN exceeds its limit", async () => {
  await filled(40, 40);
  const { sample } = await measureUse(redis.target, { ...LIMITS, sampleSize: 30 });
  expect(sample.keys).toHaveLength(30);
  expect(sample.complete).toBe(false);
});

it("leaves out a key that was deleted after SCAN saw it, and counts by DBSIZE where INFO has no count", async () => {
  redis = await startRedis();
  const server = await startRespServer({
    DBSIZE: integer(2),
    SCAN: `*2\r\n${bulk("0")}*2\r\n${bulk("here")}${bulk("gone")}`,
    PTTL: integer(-1),
    MEMORY: ([, key]) => (key === "here" ? integer(70) : bulk(null)),
  });
  stopProxy = server.stop;
  const { keys, sample } = await measureUse({ ...redis.target, port: server.port }, LIMITS);
  expect(keys).toBe(2);
  expect(sample.keys).toEqual([{ key: "here", bytes: 70, hasTtl: false }]);
});

it("says why a cache cannot be measured", async () => {
  redis = await startRedis({ password: "right" });
  const measuring = measureUse({ ...redis.target, password: "wrong" }, LIMITS);
  await expect(measuring).rejects.toBeInstanceOf(Fault);
  await expect(measuring).rejects.toMatchObject({ code: "AUTH_WRONG" });
});
