import { parse } from "valibot";
import { describe, expect, it } from "vitest";
import { asPrevious, lastRuns, parseRun, pastRun } from "../../../check/history/past-run.ts";
import { REPORT_SET_SCHEMA } from "../../../check/report-schema.ts";
import { reportSet } from "../../../check/report-set.ts";
import { aRun } from "../../support/history.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

const at = "2026-11-23T21:05:00.000Z";

describe("a line of the history", () => {
  it("keeps the verdict, its codes and the figures, and no words of others", () => {
    const run = pastRun(aReportFullOf("x"), at);
    expect(run).toEqual({
      ...{ schema: 1, at, stack: "x", plan: "x", provider: "x", endpoint: "x" },
      ...{ verdict: "failed", impact: "slower", codes: ["AUTH_WRONG", "MEMORY_HIGH"], durationMs: 12.3 },
      ...{ p50Ms: 0.1, p95Ms: 0.2, memoryUsedBytes: 50_000_000, memoryLimitBytes: 104_857_600 },
      ...{ hitRate: 0.75, hits: 300, misses: 100, evictedKeys: 7, uptimeSeconds: 3600 },
    });
    expect(parseRun(JSON.stringify(run))).toEqual(run);
  });

  it("has no fields for what was not measured", () => {
    const { stack: _stack, plan: _plan, provider: _provider, ...report } = aReport({ measurements: {} });
    expect(Object.values(pastRun(report, at))).not.toContain(undefined);
    expect(parseRun(JSON.stringify(pastRun(report, at)))).toEqual(pastRun(report, at));
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "1"],
    ["nothing", "null"],
    ["another schema", JSON.stringify({ ...aRun(), schema: 2 })],
    ["no time", JSON.stringify({ ...aRun(), at: "yesterday" })],
    ["an unknown verdict", JSON.stringify({ ...aRun(), verdict: "fine" })],
    ["no endpoint", JSON.stringify({ ...aRun(), endpoint: 1 })],
  ])("that is %s is not a run", (_name, line) => {
    expect(parseRun(line)).toBeUndefined();
  });

  it.each([
    ["2026-11-23T21:05:00.000Z", at],
    ["2026-11-23T22:05:00+01:00", at],
    ["2026-11-23T21:05:00Z (<script>)", undefined],
    ["Mon, 23 Nov 2026 21:05:00 GMT (<script>)", at],
    ["+275000-01-01T00:00:00Z", undefined],
    ["0001-01-01T00:00:00Z", undefined],
  ])("of %s is of %s, in the one form that reports have", (text, time) => {
    expect(parseRun(JSON.stringify({ ...aRun(), at: text }))?.at).toBe(time);
  });

  it("makes no report that its own schema refuses", () => {
    const odd = { p50Ms: 1e300, memoryUsedBytes: 1.5, hits: 0.1, evictedKeys: 1e20, hitRate: 1.01 };
    const run = parseRun(JSON.stringify({ ...aRun(), ...odd, at: "2026-11-23T22:05:00+01:00" }));
    for (const name of Object.keys(odd)) expect(run).not.toHaveProperty(name);
    const report = aReport({ ...(run === undefined ? {} : { previous: asPrevious(run) }) });
    expect(() => parse(REPORT_SET_SCHEMA, reportSet([report], new Date()))).not.toThrow();
  });

  it("is read without what is strange in it", () => {
    const strange = {
      codes: ["<b>", 1, "TIMEOUT"],
      p50Ms: "1",
      hits: -1,
      stack: 7,
      impact: "huge",
      extra: 1,
    };
    const { p50Ms: _p50, hits: _hits, stack: _stack, ...rest } = aRun();
    expect(parseRun(JSON.stringify({ ...aRun(), ...strange }))).toEqual({
      ...rest,
      ...{ codes: ["TIMEOUT"], impact: "unknown" },
    });
    expect(parseRun(JSON.stringify(aRun()).replace("0.4", "1e999"))).not.toHaveProperty("p95Ms");
  });
});

it("the last run of a cache is the latest, whatever the order of the lines", () => {
  const late = aRun({ at: "2026-11-23T20:30:00.000Z" });
  const { stack: _stack, ...nameless } = aRun({ endpoint: "other:1" });
  const last = lastRuns([late, aRun(), nameless]);
  // Of one and the same time, what was written later.
  const twins = [aRun({ verdict: "failed" }), aRun({ verdict: "degraded" })];
  expect(lastRuns(twins).get("stack dev")?.verdict).toBe("degraded");
  expect([...last]).toEqual([
    ["stack dev", late],
    ["other:1", nameless],
  ]);
  expect(asPrevious(aRun())).toEqual({
    ...{ at: aRun().at, verdict: "healthy", codes: [], plan: "docker" },
    ...{ p50Ms: 0.2, memoryUsedBytes: 20_000_000, evictedKeys: 0 },
  });
});
