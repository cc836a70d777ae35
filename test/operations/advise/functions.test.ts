import { describe, expect, it } from "vitest";
import type { FunctionTotals } from "../../../check/functions/totals.ts";
import { adviseFunction, proposedLifetimes } from "../../../operations/advise/functions.ts";

/**
 * A load of a function: keys that are asked for by chance, values that change by chance. Played for a day with a random
 * generator of a fixed seed, through a cache with this lifetime.
 */
function played(load: {
  keys: number;
  /** Of all keys together. */
  requestsPerSecond: number;
  /** Of one value; absent: never. */
  changesPerDay?: number;
  ttlSeconds: number;
  loadMs?: number;
  /** Seconds of an hour in which requests come; absent: all. */
  burstSeconds?: number;
}): FunctionTotals {
  const { keys, requestsPerSecond, changesPerDay = 0, ttlSeconds, loadMs = 80, burstSeconds = 3600 } = load;
  const random = generator(7);
  const day = 86_400;
  const count = Math.round(requestsPerSecond * day);
  const times = Array.from({ length: count }, (_, index) => (index * day) / count).filter(
    (at) => at % 3600 < burstSeconds,
  );
  const cached = new Map<number, { until: number; version: number }>();
  const versions = Array.from({ length: keys }, () => changes(changesPerDay, day, random));
  const totals = { hits: 0, misses: 0, loads: 0, reloads: 0, unchangedReloads: 0 };
  for (const at of times) {
    const key = Math.floor(random() * keys);
    const version = versions[key]?.findLastIndex((changed) => changed <= at) ?? -1;
    const entry = cached.get(key);
    if (entry !== undefined && entry.until > at) {
      totals.hits += 1;
      continue;
    }
    totals.misses += 1;
    totals.loads += 1;
    if (entry !== undefined) {
      totals.reloads += 1;
      if (entry.version === version) totals.unchangedReloads += 1;
    }
    cached.set(key, { until: at + ttlSeconds, version });
  }
  return {
    namespace: "user:profile",
    ...totals,
    errors: 0,
    loadMsMean: loadMs,
    ttlSeconds,
    savedSeconds: (totals.hits * loadMs) / 1000,
    overSeconds: day,
  };
}

function changes(perDay: number, seconds: number, random: () => number): number[] {
  const times: number[] = [];
  for (let at = wait(); at < seconds; at += wait()) times.push(at);
  return times;

  function wait(): number {
    return perDay === 0 ? Number.POSITIVE_INFINITY : (-Math.log(1 - random()) * seconds) / perDay;
  }
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const figures = (over: Partial<FunctionTotals> = {}): FunctionTotals => ({
  namespace: "user:profile",
  hits: 310,
  misses: 690,
  errors: 0,
  loads: 690,
  reloads: 500,
  unchangedReloads: 470,
  loadMsMean: 80,
  ttlSeconds: 300,
  savedSeconds: 24.8,
  overSeconds: 86_400,
  ...over,
});

describe("the lifetime of a function", () => {
  it("becomes longer with its reason and its effect", () => {
    expect(adviseFunction(figures())).toEqual({
      code: "TTL_LONGER",
      namespace: "user:profile",
      because: "user:profile: 94% of reloads gave the same value: 300 s to 1800 s saves 61% of its loads.",
      ttlSeconds: 1800,
    });
  });

  it.each<[string, Parameters<typeof played>[0], number | undefined]>([
    [
      "constant data: as long as the figures allow",
      { keys: 50, requestsPerSecond: 1, ttlSeconds: 60 },
      86_400,
    ],
    [
      "data that changes daily",
      { keys: 50, requestsPerSecond: 1, changesPerDay: 1, ttlSeconds: 300 },
      21_600,
    ],
    ["data that changes hourly", { keys: 50, requestsPerSecond: 1, changesPerDay: 24, ttlSeconds: 60 }, 600],
    [
      "a lifetime that fits already",
      { keys: 50, requestsPerSecond: 1, changesPerDay: 24, ttlSeconds: 1800 },
      undefined,
    ],
    [
      "bursts of an hour's first minute",
      { keys: 20, requestsPerSecond: 2, changesPerDay: 2, ttlSeconds: 30, burstSeconds: 60 },
      undefined,
    ],
  ])("follows how often values change: %s", (_, load, expected) => {
    const advice = adviseFunction(played(load));
    if (expected === undefined) expect(advice?.code ?? "TTL_LONGER").toBe("TTL_LONGER");
    else {
      expect(advice?.code).toBe("TTL_LONGER");
      // The next smaller or larger choice is right too: the load is played by chance.
      expect(advice?.ttlSeconds).toBeGreaterThanOrEqual(expected / 3.1);
      expect(advice?.ttlSeconds).toBeLessThanOrEqual(expected * 3.1);
    }
  });

  it("saves what it promises", () => {
    const load = { keys: 200, requestsPerSecond: 0.5, changesPerDay: 2, ttlSeconds: 300 };
    const [before, after] = [
      played(load),
      played({ ...load, ttlSeconds: adviseFunction(played(load))?.ttlSeconds ?? 0 }),
    ];
    const promised = Number(/saves (\d+)%/.exec(adviseFunction(before)?.because ?? "")?.[1]) / 100;
    expect(1 - after.loads / before.loads).toBeCloseTo(promised, 1);
  });

  it("becomes shorter where writes are frequent", () => {
    const advice = adviseFunction(
      played({ keys: 20, requestsPerSecond: 1, changesPerDay: 200, ttlSeconds: 3600 }),
    );
    expect(advice).toMatchObject({ code: "TTL_SHORTER" });
    expect(advice?.ttlSeconds).toBeLessThan(600);
  });

  it("is not judged by a few reloads", () => {
    expect(adviseFunction(figures({ reloads: 20, unchangedReloads: 20 }))).toBeUndefined();
  });

  it("remains the same where a longer one would save nothing", () => {
    expect(adviseFunction(figures({ ttlSeconds: 86_400 }))).toBeUndefined();
  });
});

describe("a function is not worth caching", () => {
  it("whose keys are hardly ever asked for twice", () => {
    const advice = adviseFunction(played({ keys: 100_000, requestsPerSecond: 0.5, ttlSeconds: 60 }));
    expect(advice).toMatchObject({ code: "NOT_WORTH_CACHING" });
    expect(advice?.because).toContain("look-ups found a value");
  });

  it("that is faster than Redis", () => {
    const advice = adviseFunction(figures({ loadMsMean: 0.2 }));
    expect(advice).toMatchObject({ code: "NOT_WORTH_CACHING" });
    expect(advice?.because).toContain("a load takes 0.20 ms");
  });

  it("but not one that is slow and often found", () => {
    expect(adviseFunction(figures({ hits: 900, misses: 100, ttlSeconds: 86_400 }))).toBeUndefined();
  });
});

it("the proposed lifetimes are a value for the config", () => {
  const advice = [adviseFunction(figures()), adviseFunction(figures({ loadMsMean: 0.2, namespace: "fast" }))];
  expect(proposedLifetimes(advice.flatMap((each) => each ?? []))).toEqual({ "user:profile": 1800 });
});
