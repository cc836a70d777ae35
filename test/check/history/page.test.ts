import { describe, expect, it } from "vitest";
import { historyPage } from "../../../check/history/page.ts";
import { trendsOf } from "../../../check/history/trends.ts";
import { aRun, someRuns } from "../../support/history.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { HISTORY_RENDERERS } from "../../support/renderers.ts";

const at = new Date("2026-11-23T21:05:00Z");
const minute = (count: number) => new Date(Date.parse("2026-11-23T20:00:00Z") + count * 60_000).toISOString();
const pageOf = (...runs: Parameters<typeof aRun>[0][]) =>
  historyPage({ runs: runs.map((run, index) => aRun({ at: minute(index), ...run })), skippedLines: 0 }, at);

describe("the history", () => {
  it("shows the state of each cache and how often it had each verdict", () => {
    const page = pageOf({}, { stack: "prod" }, { verdict: "failed", codes: ["TIMEOUT"] });
    expect(page).toMatchObject({ schema: 1, generatedAt: "2026-11-23T21:05:00.000Z", runs: 3 });
    expect(page.caches.map(({ stack, verdict, runs, verdicts }) => [stack, verdict, runs, verdicts])).toEqual(
      [
        ["dev", "failed", 2, { healthy: 1, degraded: 0, failed: 1, disabled: 0 }],
        ["prod", "healthy", 1, { healthy: 1, degraded: 0, failed: 0, disabled: 0 }],
      ],
    );
  });

  it("shows when the verdict changed, the latest first", () => {
    const [cache] = pageOf(
      {},
      {},
      { verdict: "failed", codes: ["TIMEOUT"] },
      { verdict: "failed" },
      {},
    ).caches;
    expect(cache?.changes).toEqual([
      { at: minute(4), from: "failed", to: "healthy", codes: [] },
      { at: minute(2), from: "healthy", to: "failed", codes: ["TIMEOUT"] },
    ]);
  });

  it("sorts runs by time", () => {
    const [cache] = pageOf({ at: minute(9) }, { at: minute(3) }).caches;
    expect([cache?.from, cache?.to]).toEqual([minute(3), minute(9)]);
  });

  it("limits its points to what a chart can show, and keeps every bad point", () => {
    const { caches } = historyPage({ runs: someRuns(10_000), skippedLines: 0 }, at);
    for (const { points, runs } of caches) {
      expect(points.length).toBeGreaterThan(150);
      expect(points.length).toBeLessThanOrEqual(200);
      expect(points.reduce((sum, point) => sum + point.runs, 0)).toBe(runs);
    }
    const [one] = pageOf(
      ...Array.from({ length: 3000 }, (_, index) =>
        index === 1234 ? { verdict: "failed" as const, p95Ms: 99 } : {},
      ),
    ).caches;
    const bad = one?.points.filter(({ verdict }) => verdict === "failed");
    expect(bad).toMatchObject([{ p95Ms: 99, p50Ms: expect.closeTo(0.2) }]);
  });
});

describe("a trend", () => {
  const of = (field: "p50Ms" | "memoryUsedBytes" | "hitRate", values: number[]) =>
    trendsOf(values.map((value) => ({ ...bare(), [field]: value }))).map(({ direction }) => direction);
  const bare = () => {
    const { p50Ms: _p50, memoryUsedBytes: _used, hitRate: _rate, ...rest } = aRun();
    return rest;
  };
  const thirds = (before: number, after: number) => [before, before, before, 1, 2, 3, after, after, after];

  it.each([
    ["p50Ms", 2, 3, "rising"],
    ["p50Ms", 3, 2, "falling"],
    ["p50Ms", 2, 2.4, "steady"],
    ["p50Ms", 0.1, 0.4, "steady"],
    ["memoryUsedBytes", 50e6, 60e6, "rising"],
    ["memoryUsedBytes", 50e6, 54e6, "steady"],
    ["hitRate", 0.8, 0.7, "falling"],
    ["hitRate", 0.8, 0.76, "steady"],
  ] as const)("of %s from %d to %d is %s", (field, before, after, direction) => {
    expect(of(field, thirds(before, after))).toEqual([direction]);
  });

  it("is not computed from a handful of runs", () => {
    expect(of("p50Ms", [1, 1, 1, 1, 9, 9, 9, 9])).toEqual([]);
  });
});

describe("its pages", () => {
  const page = historyPage({ runs: someRuns(600), skippedLines: 2 }, at);

  it("say in words how healthy the cache was, its trend, and what changed", () => {
    for (const format of ["text", "markdown"] as const) {
      const text = HISTORY_RENDERERS[format](page).replaceAll("\\", "");
      expect(text).toMatch(
        /300 runs, 2026-11-19 17:00 UTC to 20:40 UTC: 283 healthy, 5 degraded, 12 failed \(94\.3% healthy\)/,
      );
      expect(text).toContain("Memory rising: 29 MB → 67 MB");
      expect(text).toContain("17:20 UTC: healthy → failed (TCP_REFUSED)");
      expect(text).toContain(
        "2 lines of the history could not be used: torn, strange, or longer than 64 KB.",
      );
      expect(text).not.toMatch(/undefined|NaN|\n\n\n/);
    }
  });

  it("are data, too", () => {
    expect(JSON.parse(HISTORY_RENDERERS.json(page))).toEqual(JSON.parse(JSON.stringify(page)));
  });

  it.each(Object.entries(HOSTILE_TEXTS))("stay clean with %s in every field", (_name, hostile) => {
    const strange = historyPage(
      { runs: [aRun({ stack: hostile, plan: hostile, endpoint: hostile })], skippedLines: 0 },
      at,
    );
    for (const render of Object.values(HISTORY_RENDERERS)) {
      expect(render(strange)).not.toMatch(UNCLEAN);
      expect(render(strange).length).toBeLessThan(50_000);
    }
  });
});
