import { describe, expect, it } from "vitest";
import { DEFAULT_EXPECTATIONS } from "../../../check/expectations.ts";
import { judgeEviction } from "../../../check/judge/eviction.ts";
import type { Evidence } from "../../../check/judge/evidence.ts";
import { judgeHitRate } from "../../../check/judge/hit-rate.ts";
import { judgeLatency } from "../../../check/judge/latency.ts";
import { judgeMemory } from "../../../check/judge/memory.ts";

const MB = 1024 * 1024;
const evidence = (change: Partial<Evidence>): Evidence => ({
  info: {},
  measurements: {},
  expect: DEFAULT_EXPECTATIONS,
  evictionExpected: true,
  ...change,
});

describe("memory", () => {
  const judged = (usedMb: number, limitMb?: number) =>
    judgeMemory(
      evidence({
        measurements: {
          memoryUsedBytes: usedMb * MB,
          ...(limitMb === undefined ? {} : { memoryLimitBytes: limitMb * MB }),
        },
      }),
    );

  it.each([
    [79.9, "pass"],
    [80, "warn"],
    [100, "warn"],
  ])("of %d MB out of 100 is a %s", (usedMb, status) => {
    expect(judged(usedMb, 100)).toMatchObject({
      status,
      ...(status === "warn" ? { code: "MEMORY_HIGH" } : {}),
    });
  });

  it("is reported as a share", () => {
    expect(judged(125, 250).observed).toBe("125 MB of 250 MB (50%)");
  });

  it("without a limit is good up to 100 MB, acceptable up to 500 MB, then to act on", () => {
    expect(judged(100)).toMatchObject({ status: "pass", observed: "100 MB, no limit set" });
    expect(judged(101)).toMatchObject({ status: "pass", observed: "101 MB, no limit set: acceptable" });
    expect(judged(500)).toMatchObject({ status: "pass" });
    expect(judged(501)).toMatchObject({ status: "warn", code: "MEMORY_HIGH" });
  });

  it("that the server does not report it is not judged", () => {
    expect(judgeMemory(evidence({}))).toMatchObject({ status: "skip" });
  });
});

describe("eviction", () => {
  it.each([
    [
      { maxBytes: MB, evictionPolicy: "noeviction" },
      { status: "warn", code: "EVICTION_OFF" },
    ],
    [
      { maxBytes: MB, evictionPolicy: "allkeys-lru" },
      { status: "pass", observed: "allkeys-lru" },
    ],
    [{ maxBytes: 0, evictionPolicy: "noeviction" }, { status: "pass" }],
    [{ evictionPolicy: "noeviction" }, { status: "skip" }],
    [{ maxBytes: MB }, { status: "skip" }],
  ])("%o", (info, finding) => {
    expect(judgeEviction(evidence({ info }))).toMatchObject(finding);
  });

  it("is not asked for where nobody expects it", () => {
    const info = { maxBytes: MB, evictionPolicy: "noeviction" };
    expect(judgeEviction(evidence({ info, evictionExpected: false }))).toMatchObject({ status: "skip" });
  });
});

describe("the hit rate", () => {
  const judged = (hits: number, misses: number) =>
    judgeHitRate(evidence({ info: { hits, misses }, measurements: { hitRate: hits / (hits + misses) } }));

  it.each([
    [700, 300, "pass", "70% of 1000 look-ups"],
    [699, 301, "pass", "69.9% of 1000 look-ups: acceptable"],
    [500, 500, "pass", "50% of 1000 look-ups: acceptable"],
    [499, 501, "warn", "49.9% of 1000 look-ups"],
    [4999, 5001, "warn", "49.9% of 10000 look-ups"],
  ])("of %d hits and %d misses is a %s", (hits, misses, status, observed) => {
    expect(judged(hits, misses)).toMatchObject({ status, observed });
  });

  it("of fewer than 100 look-ups says nothing", () => {
    expect(judged(0, 99)).toMatchObject({ status: "skip", code: "TOO_FEW_REQUESTS" });
    expect(judged(0, 100)).toMatchObject({ status: "warn", code: "HIT_RATE_LOW" });
    expect(judged(0, 1).observed).toBe("1 look-up so far");
    expect(judgeHitRate(evidence({ info: { hits: 0, misses: 0 } }))).toMatchObject({
      code: "TOO_FEW_REQUESTS",
    });
  });
});

describe("the response", () => {
  const judged = (p50: number, networkMs: number) =>
    judgeLatency(
      evidence({ measurements: { latencyMs: { p50, p95: p50, max: p50, samples: 10 }, networkMs } }),
    );

  it.each([
    [50, 0, "pass", ""],
    [51, 0, "pass", ": acceptable"],
    [100, 0, "pass", ": acceptable"],
    [101, 0, "warn", ""],
    [250, 200, "pass", ""],
    [320, 200, "warn", ""],
    [1, 20, "pass", ""],
  ])("in %d ms over a network of %d ms is a %s%s", (p50, networkMs, status, word) => {
    const finding = judged(p50, networkMs);
    expect(finding).toMatchObject({ status, ...(status === "warn" ? { code: "RESPONSE_SLOW" } : {}) });
    expect(finding.observed?.endsWith(": acceptable")).toBe(word !== "");
  });

  it("is judged by the p50: one odd sample does not decide", () => {
    const latencyMs = { p50: 50, p95: 400, max: 400, samples: 10 };
    const finding = judgeLatency(evidence({ measurements: { latencyMs, networkMs: 0 } }));
    expect(finding).toMatchObject({
      status: "pass",
      observed: expect.stringContaining("slowest 400 ms of 10"),
    });
    expect(finding.observed).not.toContain("acceptable");
  });

  it("names the network's time as it was measured, also where connecting took longer than an answer", () => {
    expect(judged(0.2, 20).observed).toContain("network (TCP connect) 20 ms");
  });

  it("that was not measured is not judged", () => {
    expect(judgeLatency(evidence({}))).toMatchObject({ status: "skip" });
  });
});
