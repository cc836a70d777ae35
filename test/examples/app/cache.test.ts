import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { aCache, closeAll, connectedCache } from "./kit.ts";

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.call("FLUSHALL"));
afterEach(closeAll);

const keys = async () => ((await redis.call("KEYS", "*")) as string[]).toSorted();

/** A function that counts, for each id, how often it was called. */
function counting(takesMs = 0) {
  const calls: string[] = [];
  const load = async (id: string) => {
    calls.push(id);
    if (takesMs > 0) await sleep(takesMs);
    return { id, call: calls.length };
  };
  return { calls, load };
}

describe("a cached function", () => {
  it("is called once for 500 who ask for a cold key at the same time", async () => {
    const cache = await connectedCache(redis.port);
    const { calls, load } = counting(50);
    const cached = cache.cached(load, { namespace: "user", ttl: "short" });
    const all = await Promise.all(Array.from({ length: 500 }, () => cached("42")));
    expect(calls).toEqual(["42"]);
    expect(new Set(all.map((value) => JSON.stringify(value)))).toEqual(new Set(['{"id":"42","call":1}']));
  });

  it.each([
    ["a miss", {}],
    ["a value in grace", { graceSeconds: 60, loadLimitMs: 60_000 }],
  ])("runs a function that calls itself for the same key: %s", async (_name, grace) => {
    const cache = await connectedCache(redis.port);
    const depth = new AsyncLocalStorage<number>();
    const depths: number[] = [];
    const load = async (id: string): Promise<string> => {
      const at = depth.getStore() ?? 0;
      depths.push(at);
      return at < 2 ? await depth.run(at + 1, () => cached(id)) : id;
    };
    const cached = cache.cached(load, { namespace: "user", ttl: 0.3, ...grace });
    expect(await cached("42")).toBe("42");
    expect(depths).toEqual([0, 1, 2]);
    if (Object.keys(grace).length === 0) return;
    depths.length = 0;
    await sleep(400);
    expect(await cached("42")).toBe("42");
    expect(depths[0]).toBe(0);
  });

  it("gives each caller a copy, which the caller may change", async () => {
    const cache = await connectedCache(redis.port);
    const cached = cache.cached(counting().load, { namespace: "user", ttl: "short" });
    const [one, other] = await Promise.all([cached("42"), cached("42")]);
    one.id = "changed";
    expect(other.id).toBe("42");
    expect((await cached("42")).id).toBe("42");
  });

  it("gives the same value with and without the cache, as far as JSON keeps it", async () => {
    const cache = await connectedCache(redis.port);
    const cached = cache.cached(async () => ({ at: new Date(0), none: undefined, null: null }), {
      namespace: "user",
      ttl: "short",
    });
    const expected = { at: "1970-01-01T00:00:00.000Z", null: null };
    expect([await cached(), await cached()]).toEqual([expected, expected]);
    expect((await cache.stats()).hits).toBe(1);
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["false", false],
    ["0", 0],
    ["an empty text", ""],
  ])("remembers %s, which is a value too", async (_name, value) => {
    const cache = await connectedCache(redis.port);
    let calls = 0;
    const cached = cache.cached(
      async () => {
        calls += 1;
        return value;
      },
      { namespace: "user", ttl: "short" },
    );
    expect([await cached(), await cached()]).toEqual([value, value]);
    expect(calls).toBe(1);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["what JSON cannot hold", 1n],
    ["a value so large that it would hold up all others", "x".repeat(1_000_001)],
  ])("gives %s and does not keep it", async (_name, value) => {
    const cache = await connectedCache(redis.port);
    const cached = cache.cached(async () => value, { namespace: "user", ttl: "short" });
    expect([await cached(), await cached()]).toEqual([value, value]);
    expect(await keys()).toEqual([]);
  });

  it("passes an error of the function to all waiting callers, and does not keep it", async () => {
    const cache = await connectedCache(redis.port);
    let calls = 0;
    const cached = cache.cached(
      async () => {
        calls += 1;
        throw new Error(`call ${calls}`);
      },
      { namespace: "user", ttl: "short" },
    );
    const outcomes = await Promise.allSettled([cached(), cached()]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(cached()).rejects.toThrow("call 2");
  });

  it("gives an ageing value while it fetches a new one, which the next caller gets", async () => {
    const cache = await connectedCache(redis.port);
    const fetched = Promise.withResolvers<void>();
    let calls = 0;
    const load = async (id: string) => {
      calls += 1;
      const call = calls;
      if (call > 1) await fetched.promise;
      return { id, call };
    };
    // Old after 0.2 s.
    const cached = cache.cached(load, { namespace: "user", ttl: 60, staleSeconds: 59.8 });
    await cached("42");
    await sleep(300);
    expect((await cached("42")).call).toBe(1);
    expect((await cached("42")).call).toBe(1);
    expect(calls).toBe(2);
    fetched.resolve();
    await expect.poll(async () => (await cached("42")).call).toBe(2);
  });

  it("continues with the old value while the new one is not available", async () => {
    const cache = await connectedCache(redis.port);
    let calls = 0;
    const cached = cache.cached(
      async () => {
        calls += 1;
        if (calls > 1) throw new Error("the database is away");
        return calls;
      },
      { namespace: "user", ttl: 3, staleSeconds: 2.8 },
    );
    await cached();
    await sleep(300);
    await cached();
    await expect.poll(() => calls).toBeGreaterThan(1);
    expect(await cached()).toBe(1);
  });

  it("lives no longer than its tier, and not all as long", async () => {
    const cache = aCache(
      { REDIS_URL: `redis://127.0.0.1:${redis.port}`, CACHE_TTL_LONG: "1000" },
      { limitMs: 500 },
    );
    expect(await cache.warm([])).toBe(0);
    const cached = cache.cached(counting().load, { namespace: "user", ttl: "long" });
    await Promise.all(Array.from({ length: 50 }, (_, id) => cached(`${id}`)));
    await expect.poll(async () => (await keys()).length).toBe(50);
    const lives = await Promise.all((await keys()).map((key) => redis.call("PTTL", key) as Promise<number>));
    expect(Math.max(...lives)).toBeLessThanOrEqual(1_000_000);
    expect(Math.min(...lives)).toBeGreaterThan(895_000);
    expect(new Set(lives.map((life) => Math.round(life / 5000))).size).toBeGreaterThan(5);
  });

  it("does not read what another version stored", async () => {
    const older = (await connectedCache(redis.port)).cached(counting().load, {
      namespace: "user",
      ttl: "short",
    });
    await older("42");
    const { calls, load } = counting();
    const newer = (await connectedCache(redis.port)).cached(load, {
      namespace: "user",
      ttl: "short",
      version: 2,
    });
    await newer("42");
    expect(calls).toEqual(["42"]);
    await expect.poll(keys).toEqual(["propiq:v1:user:42", "propiq:v2:user:42"]);
    // While the new version is being rolled out, the old one must not continue with what has changed.
    await newer.invalidate("42");
    expect(await keys()).toEqual([]);
  });

  it("shares no namespace with another function", async () => {
    const cache = aCache({ REDIS_ENABLED: "false" });
    cache.cached(async () => 1, { namespace: "user", ttl: "short" });
    expect(() => cache.cached(async () => 2, { namespace: "user", ttl: "short" })).toThrow(/already/);
  });
});

describe("an invalidation", () => {
  it("is seen by the next caller", async () => {
    const cache = await connectedCache(redis.port);
    const cached = cache.cached(counting().load, { namespace: "user", ttl: "short" });
    await cached("42");
    await cached.invalidate("42");
    expect((await cached("42")).call).toBe(2);
  });

  it("keeps a value that was being fetched meanwhile from being given or stored", async () => {
    const cache = await connectedCache(redis.port);
    let stored = "old";
    const cached = cache.cached(
      async () => {
        const read = stored;
        await sleep(100);
        return read;
      },
      { namespace: "user", ttl: "short" },
    );
    const before = cached();
    await sleep(30);
    stored = "new";
    await cached.invalidate();
    expect(await cached()).toBe("new");
    expect(await before).toBe("old");
    await sleep(50);
    expect(await cached()).toBe("new");
  });

  it("of a namespace removes thousands of its keys, and none of other namespaces", async () => {
    const cache = await connectedCache(redis.port);
    await Promise.all(Array.from({ length: 5000 }, (_, id) => cache.set("user:profile", [id], id, 60)));
    await cache.set("users", [1], 1, 60);
    await redis.call("SET", "foreign", "1");
    await redis.call("SET", "other:v1:user:profile:1", "1");
    await cache.clear("user");
    expect(await keys()).toEqual(["foreign", "other:v1:user:profile:1", "propiq:v1:users:1"]);
  });

  it("asks for no command that blocks Redis or empties it", async () => {
    const cache = await connectedCache(redis.port);
    await cache.set("user", [1], 1, 60);
    await redis.call("CONFIG", "RESETSTAT");
    await cache.clear("user");
    await cache.invalidate("user:*");
    await cache.stats();
    const stats = String(await redis.call("INFO", "commandstats"));
    const used = [...stats.matchAll(/^cmdstat_([\w|]+):/gm)].map(([, name]) => name).toSorted();
    // "hello" and "config" are the administrator's, who asks.
    expect(used).toEqual(["config|resetstat", "dbsize", "hello", "info", "scan", "unlink"]);
  });
});

describe("look-ups", () => {
  it.each<[string, string[]]>([
    ["text that is no JSON", ["SET", "propiq:v1:user:42", "{"]],
    ["JSON that is not the kit's", ["SET", "propiq:v1:user:42", '{"value":1}']],
    ["another type", ["LPUSH", "propiq:v1:user:42", "1"]],
  ])("take %s under their key for a miss", async (_name, [command = "", ...args]) => {
    const cache = await connectedCache(redis.port);
    await redis.call(command, ...args);
    const { calls, load } = counting();
    const cached = cache.cached(load, { namespace: "user", ttl: "short" });
    expect((await cached("42")).id).toBe("42");
    expect(calls).toEqual(["42"]);
    expect((await cache.health()).connected).toBe(true);
  });

  it("are counted, and reported together with the figures of Redis itself", async () => {
    const cache = await connectedCache(redis.port);
    expect(await cache.stats()).toMatchObject({ hits: 0, misses: 0, hitRate: null, keys: 0 });
    const cached = cache.cached(counting().load, { namespace: "user", ttl: "short" });
    for (const id of ["1", "1", "1", "2"]) await cached(id);
    const stats = await cache.stats();
    expect(stats).toMatchObject({ hits: 2, misses: 2, hitRate: 0.5, keys: 2 });
    expect(stats.memoryUsedBytes).toBeGreaterThan(100_000);
    expect(stats.memoryUsed).toMatch(/^[\d.]+[KM]$/);
  });

  it("by get and set need no function", async () => {
    const cache = await connectedCache(redis.port);
    expect(await cache.get("user", 42)).toBeUndefined();
    expect(await cache.set("user", [42], { name: "Ann" }, "day")).toBe(true);
    expect(await cache.get("user", 42)).toEqual({ name: "Ann" });
    await cache.delete("user", 42);
    expect(await cache.get("user", 42)).toBeUndefined();
  });
});

describe("warming up", () => {
  it("fetches ahead, a few at a time, and lets nothing fail for it", async () => {
    const cache = await connectedCache(redis.port);
    let [now, most] = [0, 0];
    const { calls, load } = counting();
    const cached = cache.cached(
      async (id: string) => {
        most = Math.max(most, ++now);
        await sleep(20);
        now -= 1;
        if (id === "3") throw new Error("no such user");
        return await load(id);
      },
      { namespace: "user", ttl: "short" },
    );
    const ids = ["1", "2", "3", "4", "5", "6"];
    expect(
      await cache.warm(
        ids.map((id) => () => cached(id)),
        2,
      ),
    ).toBe(5);
    expect(most).toBe(2);
    await cached("1");
    expect(calls).toHaveLength(5);
  });
});

describe("disabled", () => {
  it("calls the function each time, connects to nothing, and says so", async () => {
    const before = await redis.call("INFO", "stats");
    const cache = aCache({ REDIS_ENABLED: "false", REDIS_URL: `redis://127.0.0.1:${redis.port}/0` });
    const { calls, load } = counting();
    const cached = cache.cached(load, { namespace: "user", ttl: "short" });
    await cached("42");
    await cached("42");
    await cached.invalidate("42");
    await cache.invalidate("user:*");
    expect(await cache.set("user2", [1], 1, 60)).toBe(false);
    expect(await cache.get("user2", 1)).toBeUndefined();
    expect(await cache.warm([() => cached("42")])).toBe(0);
    expect(calls).toHaveLength(2);
    expect(await cache.health()).toMatchObject({
      enabled: false,
      connected: false,
      reason: "REDIS_ENABLED is false",
    });
    const connections = (info: unknown) => Number(/total_connections_received:(\d+)/.exec(String(info))?.[1]);
    // One more is the administrator's own, who asks.
    expect(connections(await redis.call("INFO", "stats"))).toBe(connections(before) + 1);
  });

  it("is also the state of an app whose settings are not valid, with the reason but no secret", async () => {
    const cache = aCache({
      REDIS_URL: "redis://:hunter%2@127.0.0.1:6379/0",
      PROPIQ_CACHE_FINGERPRINT: "abc",
    });
    expect(await cache.cached(counting().load, { namespace: "user", ttl: "short" })("42")).toMatchObject({
      id: "42",
    });
    const health = await cache.health();
    expect(health).toMatchObject({ enabled: true, connected: false, fingerprint: "abc" });
    expect(health.reason).toMatch(/^REDIS_URL must be like/);
    expect(JSON.stringify(health)).not.toContain("hunter");
  });
});
