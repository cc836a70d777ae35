import type { PastRun } from "../../check/history/past-run.ts";

/** A run of a healthy cache, fresh each time, with what a test is about changed. */
export function aRun(change: Partial<PastRun> = {}): PastRun {
  return {
    schema: 1,
    at: "2026-11-23T20:00:00.000Z",
    stack: "dev",
    plan: "docker",
    provider: "docker",
    endpoint: "127.0.0.1:6379",
    verdict: "healthy",
    impact: "none",
    codes: [],
    ...{
      durationMs: 12.3,
      p50Ms: 0.2,
      p95Ms: 0.4,
      memoryUsedBytes: 20_000_000,
      memoryLimitBytes: 104_857_600,
    },
    thresholds: { memoryMaxBytes: 83_886_080, hitRateMin: 0.5, responseMaxMs: 100 },
    ...{ hitRate: 0.8, hits: 800, misses: 200, evictedKeys: 0, uptimeSeconds: 3600 },
    ...change,
  };
}

/** Runs of two caches every ten minutes until 21:00: a day's ups and downs, and some outages. */
export function someRuns(count: number): PastRun[] {
  const endMs = Date.parse("2026-11-23T21:00:00Z");
  return Array.from({ length: count }, (_, index) => {
    const wave = Math.sin(index / 20);
    const stack = index % 2 === 0 ? "prod" : "dev";
    const trouble = index % 97 > 92;
    return aRun({
      ...{ stack, at: new Date(endMs - (count - index) * 600_000).toISOString() },
      ...(trouble ? { verdict: "failed", impact: "slower", codes: ["TCP_REFUSED"] } : {}),
      ...(index % 61 === 60 ? { verdict: "degraded", codes: ["MEMORY_HIGH"] } : {}),
      ...{ p50Ms: 1 + wave / 2, p95Ms: 2 + wave, hitRate: 0.7 + wave / 5 },
      memoryUsedBytes: 20_000_000 + (index / count) * 60_000_000,
    });
  });
}
