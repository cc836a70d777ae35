/**
 * The example app with its cache, against the same app without: how much faster it answers, how much less it asks its
 * database, and what a Redis that fails costs it. Each round has an app, and a Redis, of its own.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { settingsFor } from "../../infra/connection.ts";
import { load, percentile, type Question, zipfMix } from "../examples/app/load.ts";
import { type RunningApp, startApp } from "../examples/app/running.ts";
import { startProxy } from "../support/fault-proxy.ts";
import { seeded } from "../support/random.ts";
import { startRedis, type TestRedis } from "../support/redis-server.ts";
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

/** How Redis can fail while the app is asked. */
const FAULTS: Record<string, (redis: TestRedis) => unknown> = {
  "killed Redis": (redis) => redis.stop(),
  "hanging Redis": (redis) => redis.signal("SIGSTOP"),
  "full Redis": async (redis) => {
    await redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await redis.call("CONFIG", "SET", "maxmemory", "1");
  },
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
  const failing = (name: string, part: Part): Row => ({
    name: `p99 with a ${name}`,
    against: AGAINST,
    goal: 1.2,
    ...FEW,
    prepare: async () => ({ ours: [part], baseline: [underLoad("a load", { redis: false })] }),
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
    ...Object.entries(FAULTS).map(([name, breakIt]) =>
      failing(name, underLoad(name, { redis: true, breakIt })),
    ),
    failing("slow Redis", underLoad("slow Redis", { redis: true, slowMs: 200 })),
  ];
}

/** The time of one answer; of cached ones the mean of many, as one is too short to be taken alone. */
function answer(page: string, cached: boolean): Part {
  return {
    what: `GET ${page}`,
    run: inApp({ redis: cached }, async (app) => {
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
    run: inApp({ redis: cached }, async (app) => {
      const ask = zipfMix(ZIPF_USERS, seeded(7));
      const { calls } = (await app.health()).database;
      await answered(app, { amount: ZIPF_REQUESTS, connections: 200, ask });
      return (await app.health()).database.calls - calls;
    }),
  };
}

interface Conditions {
  redis: boolean;
  breakIt?: (redis: TestRedis) => unknown;
  /** Milliseconds by which each answer of Redis comes later. */
  slowMs?: number;
}

/** The 99th percentile of answers that are never in the cache: whatever it costs, it gives nothing back. */
function underLoad(what: string, conditions: Conditions): Part {
  return {
    what,
    run: inApp(conditions, async (app, fail) => {
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

/** What it measures begins only when the app is up, connected, and has begun to fetch what it fetches ahead. */
function inApp(
  conditions: Conditions,
  measure: (app: RunningApp, fail: () => Promise<void>) => Promise<number>,
): Timed {
  return async (onStart) => {
    await using ends = new AsyncDisposableStack();
    const redis = await startRedis();
    ends.defer(() => redis.stop());
    const delay = { to: redis.port, delayMs: 0 };
    const proxy = await startProxy(delay);
    ends.defer(() => proxy.stop());
    const target = { ...redis.target, port: conditions.slowMs === undefined ? redis.port : proxy.port };
    const app = ends.use(await startApp(settingsFor({ enabled: conditions.redis, target, ttl: TTL })));
    onStart(app.pid);
    if (conditions.redis) {
      await app.untilConnected();
      while ((await app.health()).database.calls < 3) await sleep(20);
    }
    return await measure(app, async () => {
      delay.delayMs = conditions.slowMs ?? 0;
      await conditions.breakIt?.(redis);
    });
  };
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
