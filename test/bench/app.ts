/**
 * The example app with its cache, against the same app without: how much faster it answers, how much less it asks its
 * database, and what a Redis that fails costs it. Each round has an app, and a Redis, of its own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { openCache } from "../../examples/app/cache/cache.ts";
import { Counts } from "../../examples/app/cache/counts.ts";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { type ProxyOptions, startProxy } from "../../rehearsal/fault-proxy.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { load, percentile, type Question, zipfMix } from "../examples/app/load.ts";
import { type RunningApp, startApp } from "../examples/app/running.ts";
import { seeded } from "../support/random.ts";
import { bulk, error, integer, simple, startRespServer } from "../support/resp-server.ts";
import { CannotMeasure, type Part, type Row, type Timed } from "./row.ts";

const AGAINST = "app without a cache";
const TTL = { short: 60, medium: 300, long: 3600, day: 86_400 };

/** Users and requests of the mix in `zipfMix`; the seed is always the same. */
const ZIPF_USERS = 100;
const ZIPF_REQUESTS = 1500;

/** Long enough for five answers of the slow list on each connection, of which the last four see the fault. */
const FAULT_SECONDS = 1.5;
const FAULT_AFTER_MS = 250;
const CONNECTIONS = 64;

/** Where the app finds its Redis, and what then becomes of it. */
interface Cache {
  port: number;
  fail: () => unknown;
}

type CacheOf = (ends: AsyncDisposableStack) => Promise<Cache>;

/** How Redis can fail while the app is asked. */
const FAULTS: Record<string, CacheOf> = {
  "killed Redis": inReal((redis) => redis.stop()),
  "hanging Redis": inReal((redis) => redis.signal("SIGSTOP")),
  "full Redis": inReal(async (redis) => {
    await redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await redis.call("CONFIG", "SET", "maxmemory", "1");
  }),
  "slow Redis": behindProxy((network) => {
    network.delayMs = 200;
  }),
  "Redis that refuses connections": behindProxy(async (network, redis) => {
    network.connection = "reset";
    await redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  }),
  "Redis over its quota": overQuota,
};

/**
 * Each round is a sample in itself, of hundreds of answers or of delays that the app sets, with an app of its own.
 */
const FEW = { rounds: 3, fresh: true } as const;

/** The goals are the guide's: 50 times, 50 times and 8 times faster, four fifths fewer calls, a tenth and a tenth over. */
export function appRows(): Row[] {
  const faster = (page: string, goal: number): Row => ({
    name: `${page}, cached`,
    against: AGAINST,
    goal,
    ...FEW,
    prepare: async () => ({ ours: [answer(page, true)], baseline: [answer(page, false)] }),
  });
  const failing = (name: string, cache: CacheOf): Row => ({
    name: `p99 with a ${name}`,
    against: AGAINST,
    goal: 1.2,
    ...FEW,
    prepare: async () => ({ ours: [underLoad(name, cache)], baseline: [underLoad("a load")] }),
  });
  return [
    faster("profile", 1 / 50),
    faster("analyses", 1 / 50),
    faster("dashboard", 1 / 8),
    {
      name: "database calls, Zipf mix",
      against: AGAINST,
      goal: 0.2,
      unit: "calls",
      // Calls are counted, not timed, and the requests are the same each time.
      rounds: 1,
      fresh: true,
      prepare: async () => ({ ours: [databaseCalls(true)], baseline: [databaseCalls(false)] }),
    },
    {
      name: "counts of a hit",
      against: "hit",
      goal: 0.02,
      rounds: 3,
      prepare: async () => ({ ours: [counting()], baseline: [hits()] }),
    },
    ...Object.entries(FAULTS).map(([name, cache]) => failing(name, cache)),
  ];
}

const HITS = 5000;

/** Milliseconds for one, as the mean of thousands. */
async function meanOf(call: () => unknown): Promise<number> {
  await call();
  const startMs = performance.now();
  for (let at = 0; at < HITS; at += 1) await call();
  return (performance.now() - startMs) / HITS;
}

function counting(): Part {
  const counts = new Counts("user");
  return { what: "counts", run: () => meanOf(() => counts.hit(500)) };
}

function hits(): Part {
  return {
    what: "hit",
    run: async () => {
      await using ends = new AsyncDisposableStack();
      const redis = await startRedis();
      ends.defer(() => redis.stop());
      const store = openCache({ REDIS_URL: `redis://127.0.0.1:${redis.port}/0` }, { limitMs: 1000 });
      ends.defer(() => store.close());
      const load = async (id: string) => ({ id, analyses: [1, 2, 3] });
      const cached = store.cached(load, { namespace: "user", ttl: "long" });
      while (!(await store.health()).connected) await sleep(5);
      return await meanOf(() => cached("42"));
    },
  };
}

/** The time of one answer; of cached ones the mean of many, as one is too short to be taken alone. */
function answer(page: string, cached: boolean): Part {
  return {
    what: `GET ${page}`,
    run: inApp(cached ? WELL : undefined, async (app) => {
      const path = `${app.url}/users/someone/${page}`;
      if (cached) await get(path);
      const times = cached ? 50 : 1;
      const startMs = performance.now();
      for (let at = 0; at < times; at += 1) await get(path);
      return (performance.now() - startMs) / times;
    }),
  };
}

function databaseCalls(cached: boolean): Part {
  return {
    what: `${ZIPF_REQUESTS} requests`,
    run: inApp(cached ? WELL : undefined, async (app) => {
      const ask = zipfMix(ZIPF_USERS, seeded(7));
      const { calls } = (await app.health()).database;
      await answered(app, { amount: ZIPF_REQUESTS, connections: 200, ask });
      return (await app.health()).database.calls - calls;
    }),
  };
}

/** A Redis that stays as it is. */
const WELL: CacheOf = inReal(() => {});

function inReal(fail: (redis: TestRedis) => unknown): CacheOf {
  return async (ends) => {
    const redis = await startRedis();
    ends.defer(() => redis.stop());
    return { port: redis.port, fail: () => fail(redis) };
  };
}

function behindProxy(fail: (network: ProxyOptions, redis: TestRedis) => unknown): CacheOf {
  return async (ends) => {
    const redis = await startRedis();
    ends.defer(() => redis.stop());
    const network: ProxyOptions = { to: redis.port, delayMs: 0 };
    const proxy = await startProxy(network);
    ends.defer(() => proxy.stop());
    return { port: proxy.port, fail: () => fail(network, redis) };
  };
}

/** What only a provider's servers say. */
async function overQuota(ends: AsyncDisposableStack): Promise<Cache> {
  let over = false;
  const refusal = error("ERR max requests limit exceeded. Limit: 500000, Usage: 500001.");
  const unless = (reply: string) => () => (over ? refusal : reply);
  const server = await startRespServer({
    GET: unless(bulk(null)),
    SET: unless(simple("OK")),
    DBSIZE: unless(integer(0)),
  });
  ends.defer(() => server.stop());
  return {
    port: server.port,
    fail: () => {
      over = true;
    },
  };
}

/** The 99th percentile of answers that are never in the cache: whatever it costs, it gives nothing back. */
function underLoad(what: string, cache?: CacheOf): Part {
  return {
    what,
    run: inApp(cache, async (app, fail) => {
      let user = 0;
      const ask = (): Question => {
        user += 1;
        return { user: `user-${user}`, path: `/users/user-${user}/analyses` };
      };
      const running = answered(app, { seconds: FAULT_SECONDS, connections: CONNECTIONS, ask });
      await sleep(FAULT_AFTER_MS);
      await fail();
      return percentile((await running).times, 0.99);
    }),
  };
}

/**
 * What it measures begins only when the app is up, connected, and has begun to fetch what it fetches ahead.
 * @param cacheOf absent: an app without a cache
 */
function inApp(
  cacheOf: CacheOf | undefined,
  measure: (app: RunningApp, fail: () => Promise<void>) => Promise<number>,
): Timed {
  return async (onStart) => {
    await using ends = new AsyncDisposableStack();
    const cache = await cacheOf?.(ends);
    const app = ends.use(await startApp(settingsOf(cache)));
    onStart(app.pid);
    if (cache !== undefined) {
      await app.untilConnected();
      while ((await app.health()).database.calls < 3) await sleep(20);
    }
    return await measure(app, async () => void (await cache?.fail()));
  };
}

function settingsOf(cache: Cache | undefined) {
  const target = { host: "127.0.0.1", port: cache?.port ?? 6379, tls: false, db: 0 };
  return settingsFor({ enabled: cache !== undefined, target, ttl: TTL });
}

async function answered(app: RunningApp, options: Omit<Parameters<typeof load>[0], "url">) {
  const result = await load({ url: app.url, ...options });
  if (result.failed === 0 && result.mixedUp === 0) return result;
  throw new CannotMeasure(`${result.failed} requests failed, ${result.mixedUp} got another user's data.`, {
    hint: "npx vitest run test/examples/app",
  });
}

async function get(url: string): Promise<void> {
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok)
    throw new CannotMeasure(`${url} answered ${response.status}.`, {
      hint: "npx vitest run test/examples/app",
    });
}
