/** The kit, asked by many while something is wrong with Redis: nobody waits for it, nothing fails, and it recovers. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Cache } from "../../../examples/app/cache/cache.ts";
import { type ProxyOptions, startProxy } from "../../../rehearsal/fault-proxy.ts";
import { type RedisOptions, startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { makeAuthority } from "../../../rehearsal/tls.ts";
import { bulk, error, simple, startRespServer } from "../../support/resp-server.ts";
import { aCache, closeAll, connected, connectedCache, until } from "./kit.ts";

afterEach(closeAll);

async function aRedis(options?: RedisOptions): Promise<TestRedis> {
  const redis = await startRedis(options);
  onTestFinished(() => redis.stop());
  return redis;
}

async function proxied(options: ProxyOptions) {
  const proxy = await startProxy(options);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** Calls of a function that takes no time: what they take is what the cache costs them. */
async function costsOf(cached: (id: string) => Promise<string>, calls = 50): Promise<number[]> {
  const costs: number[] = [];
  for (let at = 0; at < calls; at += 1) {
    const startMs = performance.now();
    expect(await cached(`user ${at}`)).toBe(`of user ${at}`);
    costs.push(performance.now() - startMs);
  }
  return costs.toSorted((a, b) => a - b);
}

const cachedOf = (cache: Cache) =>
  cache.cached(async (id: string) => `of ${id}`, { namespace: "user", ttl: "short" });

interface Fault {
  cache: Cache;
  breakIt: () => unknown;
  mend: () => unknown;
  reason: RegExp;
}

/** So long that a busy machine alone is not late by half of it. */
const LIMIT_MS = 200;
/** Longer than any pause between two attempts to connect. */
const BACK_MS = 5000;
const open = (port: number) => connectedCache(port, { limitMs: LIMIT_MS });

const FAULTS: Record<string, () => Promise<Fault>> = {
  "was killed": async () => {
    const redis = await aRedis();
    return {
      cache: await open(redis.port),
      breakIt: () => redis.stop(),
      mend: () => aRedis({ port: redis.port }),
      reason: /ECONNREFUSED|closed/,
    };
  },
  hangs: async () => {
    const redis = await aRedis();
    return {
      cache: await open(redis.port),
      breakIt: () => redis.signal("SIGSTOP"),
      mend: () => redis.signal("SIGCONT"),
      reason: /does not answer/,
    };
  },
  "takes four times as long as a call may": async () => {
    const options: ProxyOptions = { to: (await aRedis()).port };
    const proxy = await proxied(options);
    return {
      cache: await open(proxy.port),
      breakIt: () => {
        options.delayMs = 4 * LIMIT_MS;
      },
      mend: () => {
        options.delayMs = 0;
      },
      reason: /does not answer|takes \d+ ms/,
    };
  },
  "resets every connection": async () => {
    const redis = await aRedis();
    const options: ProxyOptions = { to: redis.port };
    const proxy = await proxied(options);
    return {
      cache: await open(proxy.port),
      breakIt: async () => {
        options.connection = "reset";
        await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      },
      mend: () => {
        delete options.connection;
      },
      reason: /ECONNRESET|closed/,
    };
  },
  "is over its quota": async () => {
    let over = false;
    const values = new Map<string, string>();
    const answer = (reply: (args: readonly string[]) => string) => (args: readonly string[]) =>
      over ? error("ERR max requests limit exceeded. Limit: 500000, Usage: 500001.") : reply(args);
    const server = await startRespServer({
      GET: answer(([key = ""]) => bulk(values.get(key) ?? null)),
      SET: answer(([key = "", value = ""]) => {
        values.set(key, value);
        return simple("OK");
      }),
      DBSIZE: answer(() => ":0\r\n"),
    });
    onTestFinished(() => server.stop());
    return {
      cache: await open(server.port),
      breakIt: () => {
        over = true;
      },
      mend: () => {
        over = false;
      },
      reason: /quota/,
    };
  },
};

describe("while Redis", () => {
  it.each(Object.entries(FAULTS))(
    "%s, calls cost next to nothing; once it is back, it is used",
    async (_, make) => {
      const { cache, breakIt, mend, reason } = await make();
      const cached = cachedOf(cache);
      await costsOf(cached);
      await breakIt();
      const costs = await costsOf(cached);
      // Three may wait as long as they must, in turn, until it is given up.
      expect(costs.slice(0, -3).filter((ms) => ms > LIMIT_MS / 2)).toEqual([]);
      expect(costs.filter((ms) => ms > LIMIT_MS * 4)).toEqual([]);
      await until("given up", async () => !(await connected(cache)));
      // Long enough that connections are given up, too, and made again without effect.
      await sleep(2500);
      expect((await cache.health()).reason).toMatch(reason);
      expect((await cache.health()).connected).toBe(false);
      await mend();
      expect(await until("connected again", () => connected(cache))).toBeLessThan(BACK_MS);
      const { hits } = await cache.stats();
      await until("used again", async () => {
        await cached("user 1");
        return (await cache.stats()).hits > hits;
      });
    },
  );

  it("is full, values are read and nothing fails; once there is room, they are stored", async () => {
    const redis = await aRedis({ args: ["--maxmemory-policy", "noeviction"] });
    const cache = await open(redis.port);
    const cached = cachedOf(cache);
    await cached("before");
    await until("stored", async () => (await cache.stats()).keys === 1);
    await redis.call("CONFIG", "SET", "maxmemory", "1");
    const costs = await costsOf(cached);
    expect(costs.at(-1)).toBeLessThan(LIMIT_MS);
    expect(await cache.set("other", [1], 1, 60)).toBe(false);
    await cached("before");
    expect(await cache.stats()).toMatchObject({ hits: 1, keys: 1 });
    expect((await cache.health()).connected).toBe(true);
    await redis.call("CONFIG", "SET", "maxmemory", "0");
    expect(await cache.set("other", [1], 1, 60)).toBe(true);
  });

  it("hangs from the start, the app starts and answers all the same", async () => {
    const redis = await aRedis();
    redis.signal("SIGSTOP");
    const cache = aCache({ REDIS_URL: `redis://127.0.0.1:${redis.port}` });
    expect((await costsOf(cachedOf(cache))).at(-1)).toBeLessThan(LIMIT_MS);
    redis.signal("SIGCONT");
    expect(await until("connected", () => connected(cache))).toBeLessThan(BACK_MS);
  });

  it("has another password, that is said, and fixed as soon as it has the right one", async () => {
    const redis = await aRedis({ password: "other" });
    const cache = aCache({ REDIS_URL: `redis://:secret@127.0.0.1:${redis.port}` });
    await until("refused", async () => /WRONGPASS/.test((await cache.health()).reason ?? ""));
    expect(await cachedOf(cache)("42")).toBe("of 42");
    await redis.call("CONFIG", "SET", "requirepass", "secret");
    expect(await until("connected", () => connected(cache))).toBeLessThan(BACK_MS);
  });

  it("loads its data, calls are answered without it", async () => {
    let loading = true;
    const answer = error("LOADING Redis is loading the dataset in memory");
    const server = await startRespServer({ GET: () => (loading ? answer : bulk(null)), DBSIZE: answer });
    onTestFinished(() => server.stop());
    const cache = aCache({ REDIS_URL: `redis://127.0.0.1:${server.port}` });
    expect(await cachedOf(cache)("42")).toBe("of 42");
    await until("said", async () => /LOADING/.test((await cache.health()).reason ?? ""));
    loading = false;
    expect(await until("connected", () => connected(cache))).toBeLessThan(BACK_MS);
  });
});

describe("an invalidation that cannot be sent", () => {
  it.each<[string, (cache: Cache) => Promise<void>]>([
    ["of one value", (cache) => cache.delete("user", "42")],
    ["of a pattern", (cache) => cache.invalidate("user:*")],
    // So many are made up for by whole namespaces.
    [
      "of 2000 values",
      async (cache) => {
        for (let id = 0; id < 2000; id += 1) await cache.delete("user", id);
      },
    ],
  ])("is sent before the cache is read again: %s", async (_name, invalidate) => {
    const redis = await aRedis();
    const cache = await open(redis.port);
    let stored = "old";
    const cached = cache.cached(async (_id: string) => stored, { namespace: "user", ttl: "short" });
    await cached("42");
    redis.signal("SIGSTOP");
    // Until Redis is given up: else the command would be sent, and be done as soon as Redis continues.
    await Promise.all(["1", "2", "3", "4"].map((id) => cached(id)));
    stored = "new";
    await invalidate(cache);
    const seen = new Set([await cached("42")]);
    redis.signal("SIGCONT");
    await until("connected again", async () => {
      seen.add(await cached("42"));
      return await connected(cache);
    });
    seen.add(await cached("42"));
    expect([...seen]).toEqual(["new"]);
  });

  it("prevents an app that may not delete from using the cache", async () => {
    const redis = await aRedis({ users: ["reader on >secret ~* +@all -unlink"] });
    const cache = aCache({ REDIS_URL: `redis://reader:secret@127.0.0.1:${redis.port}` });
    await until("connected", () => connected(cache));
    await cache.delete("user", 42);
    await sleep(300);
    expect(await cache.health()).toMatchObject({ connected: false, reason: "Redis answers NOPERM" });
  });
});

describe("an answer to another question", () => {
  it("is never given, and ends the connection it came over", async () => {
    const redis = await aRedis();
    let mixUp = false;
    const proxy = await proxied({
      to: redis.port,
      // As where one answer too many was sent: from here on everybody gets the previous one his own.
      request: (bytes) => (mixUp ? Buffer.from(bytes.toString().replaceAll("user:Ann", "user:Bob")) : bytes),
    });
    const cache = await open(proxy.port);
    const cached = cachedOf(cache);
    await cached("Bob");
    mixUp = true;
    expect(await cached("Ann")).toBe("of Ann");
    expect(await cache.health()).toMatchObject({
      connected: false,
      reason: "Redis' answers were out of order",
    });
    mixUp = false;
    await until("connected again", () => connected(cache));
    expect(await cached("Ann")).toBe("of Ann");
  });
});

describe("a connection with TLS", () => {
  it.each([
    ["", {}],
    [", whatever NODE_TLS_REJECT_UNAUTHORIZED says", { NODE_TLS_REJECT_UNAUTHORIZED: "0" }],
  ])("is made with a URL that also suits redis-py, and verifies%s", async (_, env) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const authority = await makeAuthority();
    onTestFinished(() => authority.remove());
    const tls = await authority.issue("IP:127.0.0.1");
    const redis = await aRedis({ tls, password: "p@ss/w%rd" });
    const url = `rediss://:${encodeURIComponent("p@ss/w%rd")}@127.0.0.1:${redis.port}/0?ssl_cert_reqs=none&tls=`;
    const cache = aCache({ REDIS_URL: url });
    // This process does not know the authority; ssl_cert_reqs=none must not make that right.
    await until("refused", async () =>
      /cannot be reached \(\w*(CERT|VERIFY|SIGNED)/.test((await cache.health()).reason ?? ""),
    );
    expect(await cachedOf(cache)("42")).toBe("of 42");
  });
});
