import { describe, expect, it } from "vitest";
import { changeInWords } from "../../../check/history/change.ts";
import type { CheckResult, Code, PreviousRun, Report } from "../../../check/report.ts";
import { aReport } from "../../support/report.ts";

const now = "2026-11-23T22:00:00.000Z";
const MB = 1024 * 1024;
const earlier = (change: Partial<PreviousRun> = {}): PreviousRun => ({
  at: "2026-11-23T21:05:30.000Z",
  verdict: "healthy",
  codes: [],
  ...change,
});
const warning = (code: Code): CheckResult => ({
  ...{ id: "memory", title: "Memory", status: "warn", code, hint: "x", durationMs: 0 },
});
const told = (previous: PreviousRun, change: Partial<Report> = {}) =>
  changeInWords(aReport({ measurements: {}, ...change, previous }), now);

describe("what has changed since the last run", () => {
  it("is empty where no run precedes", () => {
    expect(changeInWords(aReport({}), now)).toBeUndefined();
  });

  it("shows the time, and the date where it differs", () => {
    expect(told(earlier())).toBe("Since 21:05 UTC: still healthy.");
    expect(told(earlier({ at: "2026-11-22T21:05:30.000Z" }))).toBe(
      "Since 2026-11-22 21:05 UTC: still healthy.",
    );
  });

  it("is the verdict and why", () => {
    const checks = [warning("MEMORY_HIGH"), warning("EVICTION_OFF"), warning("MEMORY_HIGH")];
    expect(told(earlier(), { verdict: "degraded", checks })).toBe(
      "Since 21:05 UTC: healthy → degraded (MEMORY_HIGH, EVICTION_OFF).",
    );
    expect(told(earlier({ verdict: "failed", codes: ["TIMEOUT"] }))).toBe(
      "Since 21:05 UTC: failed → healthy.",
    );
  });

  it("is which problems appeared and which were fixed, under the same verdict", () => {
    const previous = earlier({ verdict: "degraded", codes: ["HIT_RATE_LOW", "EVICTION_OFF"] });
    const checks = [warning("MEMORY_HIGH"), warning("EVICTION_OFF")];
    expect(told(previous, { verdict: "degraded", checks })).toBe(
      "Since 21:05 UTC: still degraded; new: MEMORY_HIGH; gone: HIT_RATE_LOW.",
    );
  });

  it("is another plan", () => {
    expect(told(earlier({ plan: "upstash-free" }), { plan: "azure-c0" })).toContain(
      "; plan upstash-free → azure-c0.",
    );
  });

  it.each([
    [1, 2.1, "; p50 1.00 ms → 2.10 ms."],
    [30, 10, "; p50 30 ms → 10 ms."],
    [1, 1.9, "still healthy."],
    [0.1, 0.9, "still healthy."],
  ])("is a p50 of %d ms that is now %d ms: %s", (p50Ms, p50, words) => {
    const measurements = { latencyMs: { p50, p95: p50, max: p50, samples: 10 } };
    expect(told(earlier({ p50Ms }), { measurements })).toMatch(
      new RegExp(`${words.replaceAll(".", "\\.")}$`),
    );
  });

  it.each([
    [20, 31, 100, "; memory 20 MB → 31 MB."],
    [20, 29, 100, "still healthy."],
    [20, 23, undefined, "; memory 20 MB → 23 MB."],
    [0.9, 1.5, undefined, "still healthy."],
  ])("is memory of %d MB that is now %d MB of %s", (fromMb, toMb, limitMb, words) => {
    const limit = limitMb === undefined ? {} : { memoryLimitBytes: limitMb * MB };
    const measurements = { memoryUsedBytes: toMb * MB, ...limit };
    expect(told(earlier({ memoryUsedBytes: fromMb * MB }), { measurements })?.endsWith(words)).toBe(true);
  });

  it("is keys that had to make room, unless the server counts anew", () => {
    expect(told(earlier({ evictedKeys: 5 }), { measurements: { evictedKeys: 12 } })).toContain(
      "; 7 keys evicted.",
    );
    expect(told(earlier({ evictedKeys: 5 }), { measurements: { evictedKeys: 1 } })).not.toContain("evicted");
    expect(told(earlier(), { measurements: { evictedKeys: 12 } })).not.toContain("evicted");
  });
});
