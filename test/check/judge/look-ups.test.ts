import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import { lookUps } from "../../../check/judge/look-ups.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";

const at = "2026-11-23T20:00:00.000Z";
const now = Date.parse(at) + 600_000;
const earlier = { at, hits: 1000, misses: 500 };

describe("the look-ups to judge by", () => {
  it("are all of them where no earlier run exists", () => {
    expect(lookUps({ hits: 7, misses: 3 }, undefined, now)).toEqual({ hits: 7, misses: 3 });
  });

  it("are those since the earlier run, without the look-ups of that run itself", () => {
    expect(lookUps({ hits: 1102, misses: 511, uptimeSeconds: 9000 }, earlier, now)).toEqual({
      ...{ hits: 100, misses: 10, since: at },
    });
    expect(lookUps({ hits: 1000, misses: 500 }, earlier, now)).toEqual({ hits: 0, misses: 0, since: at });
  });

  it.each([
    ["fewer hits", { hits: 999, misses: 600 }],
    ["fewer misses", { hits: 1100, misses: 499 }],
    ["a later start", { hits: 5000, misses: 5000, uptimeSeconds: 300 }],
  ])("are all of them where the server was started anew: %s", (_name, info) => {
    expect(lookUps(info, earlier, now)).toEqual({ hits: info.hits, misses: info.misses });
  });

  it("are unknown where the server does not report it", () => {
    expect(lookUps({ hits: 3 }, earlier, now)).toEqual({ hits: 3 });
  });
});

describe("the hit rate of a real server", () => {
  let redis: TestRedis;
  afterEach(() => redis.stop());

  it("is that of the time since the last run", async () => {
    redis = await startRedis();
    const client = new Redis({ port: redis.port });
    const ask = (count: number, key: string) =>
      Promise.all(Array.from({ length: count }, () => client.get(key)));
    await client.set("there", "1");
    await ask(150, "missing");
    const subject = { enabled: true, target: redis.target };
    const first = await checkCache(subject);
    expect(first.checks.find(({ id }) => id === "hit-rate")).toMatchObject({ code: "HIT_RATE_LOW" });
    const { keyspaceHits: hits = -1, keyspaceMisses: misses = -1 } = first.measurements;
    expect([hits, misses]).toEqual([0, 150]);
    const since = { at: new Date().toISOString(), hits, misses };
    const idle = await checkCache(subject, { since });
    expect(idle.checks.find(({ id }) => id === "hit-rate")).toMatchObject({
      ...{
        status: "skip",
        code: "TOO_FEW_REQUESTS",
        observed: expect.stringMatching(/^0 look-ups since .* UTC$/),
      },
    });
    const { keyspaceHits = -1, keyspaceMisses = -1 } = idle.measurements;
    await ask(120, "there");
    const last = await checkCache(subject, {
      since: { at: since.at, hits: keyspaceHits, misses: keyspaceMisses },
    });
    client.disconnect();
    expect(last.verdict).toBe("healthy");
    expect(last.measurements).toMatchObject({ hitRate: 1, hitRateSince: since.at });
    expect(last.checks.find(({ id }) => id === "hit-rate")?.observed).toMatch(/^100% of 120 look-ups since/);
  });
});
