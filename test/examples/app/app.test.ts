import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readHealth } from "../../../check/app/health.ts";
import { settingsFor } from "../../../infra/contract/app-settings.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { makeAuthority } from "../../../rehearsal/tls.ts";
import { seeded } from "../../support/random.ts";
import { until } from "./kit.ts";
import { load, zipfMix } from "./load.ts";
import { type RunningApp, startApp } from "./running.ts";

const TTL = { short: 60, medium: 300, long: 3600, day: 86_400 };

async function anApp(redis: TestRedis | undefined): Promise<RunningApp> {
  const target = redis?.target ?? { host: "127.0.0.1", port: 1, tls: false, db: 0 };
  const app = await startApp(settingsFor({ enabled: redis !== undefined, target, ttl: TTL }));
  onTestFinished(() => app[Symbol.asyncDispose]());
  if (redis !== undefined) await app.untilConnected();
  return app;
}

async function aRedis(...args: Parameters<typeof startRedis>): Promise<TestRedis> {
  const redis = await startRedis(...args);
  onTestFinished(() => redis.stop());
  return redis;
}

const ask = async (app: RunningApp, path: string, body?: object): Promise<unknown> => {
  const answer = await fetch(`${app.url}${path}`, {
    method: body === undefined ? "GET" : path.endsWith("profile") ? "PUT" : "POST",
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
  });
  expect(answer.ok, `${path}: ${answer.status}`).toBe(true);
  return await answer.json();
};

describe("the app", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("asks its database once for each page, however often it is called", async () => {
    const app = await anApp(redis);
    // What it fetches ahead at its start.
    await until("warm", async () => (await app.health()).database.calls === 3);
    const calls = async () => (await app.health()).database.calls;
    const callsOfRound = async () => {
      const before = await calls();
      for (const page of ["profile", "analyses", "dashboard"]) await ask(app, `/users/42/${page}`);
      return (await calls()) - before;
    };
    expect(await callsOfRound()).toBe(3);
    // On a busy machine a look-up may be late, and then the database is asked.
    await until("a round without the database", async () => (await callsOfRound()) === 0);
    expect((await app.health()).cache.hit_rate).toBeGreaterThan(0.3);
  });

  it("shows what was written at once, on every page that shows it", async () => {
    const app = await anApp(redis);
    await ask(app, "/users/7/profile");
    await ask(app, "/users/7/dashboard");
    await ask(app, "/users/7/profile", { name: "Ann" });
    expect(await ask(app, "/users/7/profile")).toMatchObject({ name: "Ann", updates: 1 });
    expect(await ask(app, "/users/7/dashboard")).toMatchObject({ name: "Ann", analyses: 3 });
    await ask(app, "/users/7/analyses", { address: "4 Birch Lane" });
    expect(await ask(app, "/users/7/analyses")).toHaveLength(4);
    expect(await ask(app, "/users/7/dashboard")).toMatchObject({ analyses: 4 });
  });

  it("reports its health in the words that the check reads", async () => {
    const app = await anApp(redis);
    const settings = settingsFor({ enabled: true, target: redis.target, ttl: TTL });
    expect(await readHealth(`${app.url}/health`)).toMatchObject({
      answer: "document",
      status: "healthy",
      cache: { enabled: true, connected: true, fingerprint: settings.PROPIQ_CACHE_FINGERPRINT },
    });
  });

  it("reaches a cache that uses TLS and requires a password", async () => {
    const authority = await makeAuthority();
    onTestFinished(() => authority.remove());
    const tls = await authority.issue("IP:127.0.0.1");
    const secure = await aRedis({ tls, password: "p@ss/w%rd" });
    const target = { ...secure.target, password: "p@ss/w%rd" };
    const settings = settingsFor({ enabled: true, target, ttl: TTL });
    const secureApp = await startApp({ ...settings, NODE_EXTRA_CA_CERTS: tls.ca });
    onTestFinished(() => secureApp[Symbol.asyncDispose]());
    await secureApp.untilConnected();
    expect(settings.REDIS_URL).toContain("?ssl_cert_reqs=required");
  });

  it("refuses a body that it does not know", async () => {
    const app = await anApp(redis);
    const answer = await fetch(`${app.url}/users/1/profile`, { method: "PUT", body: "{}" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });

  it("answers what is under way before it ends", async () => {
    const app = await anApp(redis);
    const slow = ask(app, "/users/99/dashboard");
    await sleep(200);
    const startMs = performance.now();
    expect(await app.end()).toBe(0);
    // The connection that was kept alive does not hold it up.
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect(await slow).toMatchObject({ userId: "99" });
  });

  it("lives without a cache, and says why it has none", async () => {
    const app = await anApp(undefined);
    await ask(app, "/users/42/analyses");
    await ask(app, "/users/42/analyses");
    expect(await app.health()).toMatchObject({
      status: "healthy",
      cache: { enabled: false, connected: false, hit_rate: null, reason: "REDIS_ENABLED is false" },
      database: { calls: 2 },
    });
  });
});

describe("under load", () => {
  const FAULTS: Record<string, (redis: TestRedis) => Promise<() => unknown>> = {
    "is killed": async (redis) => {
      await redis.stop();
      return () => aRedis({ port: redis.port });
    },
    hangs: async (redis) => {
      redis.signal("SIGSTOP");
      return () => redis.signal("SIGCONT");
    },
    "is full": async (redis) => {
      await redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
      await redis.call("CONFIG", "SET", "maxmemory", "1");
      return () => redis.call("CONFIG", "SET", "maxmemory", "0");
    },
  };

  it.each(Object.entries(FAULTS))(
    "no request fails and none gets the data of another user while Redis %s and recovers",
    async (_name, breakIt) => {
      const redis = await aRedis();
      const app = await anApp(redis);
      const running = load({ url: app.url, connections: 100, seconds: 5, ask: zipfMix(50, seeded(1)) });
      await sleep(1000);
      const mend = await breakIt(redis);
      await sleep(2000);
      await mend();
      expect(await app.untilConnected()).toBeLessThan(2000);
      const result = await running;
      expect(result).toMatchObject({ failed: 0, mixedUp: 0 });
      expect(result.answers).toBeGreaterThan(500);
      // It uses its cache again, and was not restarted for it.
      await ask(app, "/users/back/analyses");
      const { calls } = (await app.health()).database;
      await ask(app, "/users/back/analyses");
      expect((await app.health()).database.calls).toBe(calls);
    },
  );

  it("500 who ask for the same page at the same time cost one call of the database", async () => {
    const app = await anApp(await aRedis());
    await until("warm", async () => (await app.health()).database.calls === 3);
    const question = { user: "new", path: "/users/new/dashboard" };
    const result = await load({ url: app.url, connections: 500, amount: 500, ask: () => question });
    expect(result).toMatchObject({ answers: 500, failed: 0, mixedUp: 0 });
    expect((await app.health()).database.calls).toBe(4);
  });
});
