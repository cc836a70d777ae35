/** How far Redis may be to be used, and what is given when the database fails. More in examples/cases.json. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import { type ProxyOptions, startProxy } from "../../../rehearsal/fault-proxy.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { aCache, closeAll, connected, until } from "./kit.ts";

afterEach(closeAll);

async function aRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  return redis;
}

/** A cache whose Redis is behind a network of its own, with the limit that fits the distance. */
async function behindNetwork(delayMs: number) {
  const network: ProxyOptions = { to: (await aRedis()).port, delayMs };
  const proxy = await startProxy(network);
  onTestFinished(() => proxy.stop());
  const again = () => aCache({ REDIS_URL: `redis://127.0.0.1:${proxy.port}/0` });
  return { network, again, cache: again() };
}

/** A function that takes as long as it is asked to, and counts its calls. */
function taking(takesMs: number) {
  const it = { takesMs, calls: 0 };
  const load = async (_id: string) => {
    it.calls += 1;
    await sleep(it.takesMs);
    return it.calls;
  };
  return { it, load };
}

describe("a Redis that is far", () => {
  it("has a longer limit, and is used for functions that take longer than that", async () => {
    const { cache } = await behindNetwork(28);
    await until("connected", () => connected(cache));
    const { roundTripMs, limitMs } = await cache.health();
    expect(roundTripMs).toBeGreaterThanOrEqual(27);
    expect(limitMs).toBeGreaterThanOrEqual(81);
    expect(limitMs).toBeLessThanOrEqual(100);
    const [fast, slow] = [taking(1), taking(150)];
    const callFast = cache.cached(fast.load, { namespace: "fast", ttl: "short" });
    await callFast("1");
    await callFast("1");
    expect((await cache.health()).reason).toMatch(/^no function uses it: .*Redis is \d+ ms away/);
    const callSlow = cache.cached(slow.load, { namespace: "slow", ttl: "short" });
    await callSlow("1");
    await until("stored", async () => (await cache.stats()).keys === 2);
    await callSlow("1");
    expect([fast.it.calls, slow.it.calls]).toEqual([2, 1]);
    const { functions, reason } = await cache.health();
    expect(functions.map((each) => each.reason !== undefined)).toEqual([true, false]);
    expect(reason).toBeNull();
    // As soon as it takes longer than a look-up may, it is worth one.
    fast.it.takesMs = 200;
    await until("worth it", async () => {
      await callFast("1");
      return (await cache.health()).functions[0]?.reason === undefined;
    });
  });

  it("is not used where no limit suffices, and that is said", async () => {
    const { cache } = await behindNetwork(200);
    await until("said", async () => /takes 2\d\d ms/.test((await cache.health()).reason ?? ""));
    expect(await connected(cache)).toBe(false);
  });

  it("does not become far by becoming slow", async () => {
    const { network, again } = await behindNetwork(0);
    let cache = again();
    // The distance is measured at a connect: on a busy machine the first one may find Redis far.
    await until("near", async () => {
      await until("connected", () => connected(cache));
      if ((await cache.health()).limitMs === 20) return true;
      cache = again();
      return false;
    });
    network.delayMs = 60;
    await until("said", async () => {
      await cache.get("user", 1);
      return /takes \d+ ms|in time/.test((await cache.health()).reason ?? "");
    });
    await sleep(1000);
    expect((await cache.health()).limitMs).toBe(20);
    network.delayMs = 0;
    await until("used again", () => connected(cache));
  });
});

describe("grace", () => {
  const ended = (redis: TestRedis) => {
    const head = JSON.stringify({ of: "user:1", fresh: 1, at: Date.now(), end: 1_000_000_000_000 });
    return redis.call("SET", "propiq:v1:user:1", `${head}\n"last good"`);
  };

  it("is given no value from before an outage, in which an invalidation may have been lost", async () => {
    const redis = await aRedis();
    const cache = aCache({ REDIS_URL: `redis://127.0.0.1:${redis.port}/0` }, { limitMs: 200 });
    await until("connected", () => connected(cache));
    const fails = async (_id: string): Promise<string> => {
      throw new Error("the database is away");
    };
    const cached = cache.cached(fails, { namespace: "user", ttl: "short", graceSeconds: 1_000_000_000 });
    await ended(redis);
    expect(await cached("1")).toBe("last good");
    redis.signal("SIGSTOP");
    await until("given up", async () => {
      await cache.get("user", 2);
      return !(await connected(cache));
    });
    redis.signal("SIGCONT");
    await until("connected again", () => connected(cache));
    await expect(cached("1")).rejects.toThrow("the database is away");
    await sleep(10);
    await ended(redis);
    expect(await cached("1")).toBe("last good");
  });

  it("keeps values in Redis that much longer", async () => {
    const redis = await aRedis();
    const cache = aCache(
      { REDIS_URL: `redis://127.0.0.1:${redis.port}/0` },
      { limitMs: 500, graceSeconds: 600 },
    );
    await until("connected", () => connected(cache));
    await cache.cached(async () => 1, { namespace: "user", ttl: 60 })();
    await until("stored", async () => (await cache.stats()).keys === 1);
    const livesMs = Number(await redis.call("PTTL", "propiq:v1:user:%none"));
    expect(livesMs).toBeGreaterThan(640_000);
    expect(livesMs).toBeLessThanOrEqual(660_000);
  });
});
