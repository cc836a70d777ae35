import { describe, expect, it } from "vitest";
import { forecastsOf } from "../../../check/forecast/of-history.ts";
import { forecastInWords, historyInWords } from "../../../check/forecast/words.ts";
import type { PastRun } from "../../../check/history/past-run.ts";
import { aReport } from "../../support/report.ts";

const HOUR_MS = 3_600_000;
const START = Date.parse("2026-12-01T00:00:00Z");

/** Hourly runs of ten days in which the app sends this many commands a day. */
const runs = (perDay: number, endpoint = "cache:6379"): PastRun[] =>
  Array.from({ length: 241 }, (_, hour) => ({
    schema: 1,
    at: new Date(START + hour * HOUR_MS).toISOString(),
    endpoint,
    verdict: "healthy",
    impact: "none",
    codes: [],
    commands: Math.round((perDay / 24) * hour),
    memoryUsedBytes: 1_000_000,
  }));

describe("the forecasts of a history", () => {
  it("name the day on which the month's commands run out", () => {
    const forecasts = forecastsOf(runs(27_500), { commandsPerMonth: 500_000, memoryBytes: 1e9 });
    expect(forecasts).toEqual([
      { what: "commands", limit: 500_000, endsAt: expect.stringMatching(/^2026-12-19T/) },
    ]);
    expect(forecasts.map(forecastInWords)).toEqual([
      "At the present rate, the month's 500,000 commands run out on 2026-12-19.",
    ]);
  });

  it("are empty where nothing runs out, or the plan counts nothing", () => {
    expect(forecastsOf(runs(10_000), { commandsPerMonth: 500_000 })).toEqual([]);
    expect(forecastsOf(runs(27_500), {})).toEqual([]);
    expect(forecastsOf([], { commandsPerMonth: 500_000 })).toEqual([]);
  });

  it("leave out what another server counted", () => {
    const moved = [...runs(90_000, "earlier:6379"), ...runs(100, "cache:6379")];
    expect(forecastsOf(moved, { commandsPerMonth: 500_000 })).toEqual([]);
  });
});

it("a report's history says what changed and what runs out", () => {
  const report = aReport({
    forecasts: [{ what: "memory", limit: 250 * 1024 * 1024, endsAt: "2026-12-24T10:00:00.000Z" }],
  });
  expect(historyInWords(report, "2026-12-01T00:00:00Z")).toBe(
    "At the present rate, the memory of 250 MB runs out on 2026-12-24.",
  );
});
