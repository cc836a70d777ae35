import { describe, expect, it, onTestFinished } from "vitest";
import { readHealth } from "../../../check/app/health.ts";
import { startRedis } from "../../../rehearsal/redis-server.ts";
import { hasPythonForTests } from "./python.ts";
import { startPythonApp } from "./running.ts";

async function anApp(settings: Readonly<Record<string, string>>) {
  const app = await startPythonApp(settings);
  onTestFinished(() => app[Symbol.asyncDispose]());
  return app;
}

const json = async (url: string, init?: RequestInit): Promise<unknown> => {
  const answer = await fetch(url, { headers: { "content-type": "application/json" }, ...init });
  expect(answer.ok, `${url}: ${answer.status}`).toBe(true);
  return await answer.json();
};

describe.skipIf(!(await hasPythonForTests()))("the Python app", () => {
  it("asks its database once for each page, shows a write at once, and reports its health", async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const app = await anApp({
      REDIS_URL: `redis://127.0.0.1:${redis.port}/0`,
      PROPIQ_CACHE_FINGERPRINT: "abc",
    });
    await app.untilConnected();
    const user = `${app.url}/users/42`;
    for (let round = 0; round < 3; round += 1) {
      for (const page of ["profile", "analyses", "dashboard"]) await json(`${user}/${page}`);
    }
    expect((await app.health()).database.calls).toBe(3);
    await json(`${user}/profile`, { method: "PUT", body: '{"name": "Ann"}' });
    expect(await json(`${user}/profile`)).toEqual({ userId: "42", name: "Ann" });
    expect(await json(`${user}/dashboard`)).toMatchObject({ name: "Ann" });
    expect(await readHealth(`${app.url}/health`)).toMatchObject({
      answer: "document",
      cache: { enabled: true, connected: true, fingerprint: "abc" },
    });
    const [profile] = (await app.health()).cache.functions;
    expect(profile).toMatchObject({ namespace: "user_profile", hits: 2, loads: 2, ttlSeconds: 3600 });
    expect(profile?.savedSeconds).toBeGreaterThan(0.9);
    expect(await (await fetch(`${app.url}/metrics`)).text()).toContain(
      'propiq_cache_hits_total{namespace="user_profile"} 2\n',
    );
  });

  it("works without a cache", async () => {
    const app = await anApp({ REDIS_ENABLED: "false" });
    for (let round = 0; round < 2; round += 1) await json(`${app.url}/users/42/analyses`);
    expect(await app.health()).toMatchObject({
      status: "healthy",
      cache: { enabled: false, connected: false, reason: "REDIS_ENABLED is false" },
      database: { calls: 2 },
    });
  });
});
