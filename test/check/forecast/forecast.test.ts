import { describe, expect, it } from "vitest";
import { memoryEndsAt, quotaEndsAt } from "../../../check/forecast/forecast.ts";
import { DAY_MS, type Reading } from "../../../check/forecast/pace.ts";

const START = Date.parse("2026-11-01T00:00:00Z");
const HOURS = 1 / 24;

/** A load: the amount that is added on a day, counted from the start. */
type Load = (day: number) => number;

/** Scatter that is the same in each run: at most 3% of the amount. */
const scatter = (hour: number): number => 1 + 0.03 * Math.sin(hour * 12.9898) * Math.cos(hour * 4.1414);

/** Hourly readings of what the load adds up to. */
function readingsOf(load: Load, days: number, first = 0): Reading[] {
  const readings: Reading[] = [{ atMs: START, value: first }];
  for (let hour = 1; hour <= days * 24; hour += 1) {
    const before = readings.at(-1)?.value ?? 0;
    readings.push({
      atMs: START + hour * HOURS * DAY_MS,
      value: before + (load(Math.floor((hour - 1) / 24)) / 24) * scatter(hour),
    });
  }
  return readings;
}

/** When the load itself reaches the limit; a month starts again from zero where it `restarts`. */
function truth(load: Load, limit: number, first: number, restarts: boolean): number {
  let used = first;
  for (let hour = 1; ; hour += 1) {
    const atMs = START + hour * HOURS * DAY_MS;
    if (restarts && new Date(atMs - 1).getUTCMonth() !== new Date(atMs - 1 - HOURS * DAY_MS).getUTCMonth())
      used = 0;
    used += load(Math.floor((hour - 1) / 24)) / 24;
    if (used >= limit) return atMs;
  }
}

const weekly: Load = (day) => (day % 7 >= 5 ? 6_000 : 24_000);

describe("the end of a month's quota", () => {
  it.each<[string, Load, number, number]>([
    ["a steady load", () => 21_000, 12, 500_000],
    ["a growing load", (day) => 9_000 + 700 * day, 14, 500_000],
    ["a weekly rhythm", weekly, 16, 500_000],
    ["a jump", (day) => (day < 9 ? 6_000 : 30_000), 15, 500_000],
  ])("is found within a day for %s", (_, load, days, limit) => {
    const found = quotaEndsAt(readingsOf(load, days), limit);
    expect(Math.abs((found?.getTime() ?? 0) - truth(load, limit, 0, true))).toBeLessThanOrEqual(DAY_MS);
  });

  it("is found within a day although the counter was set to zero in between", () => {
    const load: Load = () => 21_000;
    const readings = readingsOf(load, 12).map(({ atMs, value }) => ({
      atMs,
      value: atMs < START + 5.5 * DAY_MS ? value : value - 21_000 * 5.5,
    }));
    const found = quotaEndsAt(readings, 500_000);
    expect(Math.abs((found?.getTime() ?? 0) - truth(load, 500_000, 0, true))).toBeLessThanOrEqual(DAY_MS);
  });

  it("does not come where each month needs less than it allows", () => {
    expect(
      quotaEndsAt(
        readingsOf(() => 10_000, 20),
        500_000,
      ),
    ).toBeUndefined();
  });

  it("lies in the next month where growth reaches it only then", () => {
    const load: Load = (day) => 5_000 + 400 * day;
    const found = quotaEndsAt(readingsOf(load, 25), 500_000);
    expect(found?.toISOString().slice(0, 7)).toBe("2026-12");
  });

  it("is not guessed from less than a day", () => {
    expect(
      quotaEndsAt(
        readingsOf(() => 1e9, 0.5),
        500_000,
      ),
    ).toBeUndefined();
    expect(quotaEndsAt([], 500_000)).toBeUndefined();
  });
});

describe("the end of the memory", () => {
  const MB = 1024 * 1024;

  it.each<[string, Load, number, number]>([
    ["a steady growth", () => 6 * MB, 12, 0],
    ["a growing load", (day) => (2 + 0.3 * day) * MB, 14, 0],
    ["a weekly rhythm", (day) => (day % 7 >= 5 ? 1 : 8) * MB, 21, 0],
    ["a jump by an import", (day) => (day === 6 ? 60 : 5) * MB, 14, 0],
  ])("is found within a day for %s", (_, load, days, first) => {
    const found = memoryEndsAt(readingsOf(load, days, first), 250 * MB);
    expect(Math.abs((found?.getTime() ?? 0) - truth(load, 250 * MB, first, false))).toBeLessThanOrEqual(
      DAY_MS,
    );
  });

  it("is found within a day for a cache that was emptied", () => {
    const grown = readingsOf(() => 6 * MB, 20);
    const readings = grown.map(({ atMs, value }) => ({
      atMs,
      value: atMs < START + 9 * DAY_MS ? value : value - 54 * MB,
    }));
    const found = memoryEndsAt(readings, 250 * MB);
    expect(Math.abs((found?.getTime() ?? 0) - (START + (9 + 250 / 6) * DAY_MS))).toBeLessThanOrEqual(DAY_MS);
  });

  it("does not come where the use is steady or falls", () => {
    expect(
      memoryEndsAt(
        readingsOf(() => 0, 10, 100 * MB),
        250 * MB,
      ),
    ).toBeUndefined();
    expect(
      memoryEndsAt(
        readingsOf(() => -MB, 10, 100 * MB),
        250 * MB,
      ),
    ).toBeUndefined();
  });

  it("is now where the cache is full", () => {
    const readings = readingsOf(() => 6 * MB, 2, 250 * MB);
    expect(memoryEndsAt(readings, 250 * MB)?.getTime()).toBe(readings.at(-1)?.atMs);
  });
});
