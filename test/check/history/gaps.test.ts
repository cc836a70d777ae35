import { describe, expect, it } from "vitest";
import { gapInWords, gapsOf } from "../../../check/history/gaps.ts";

const at = (hour: number, minute = 23) => new Date(Date.UTC(2026, 10, 25, hour, minute)).toISOString();

describe("a gap in a history", () => {
  it("is a span of more than two intervals", () => {
    const times = [0, 1, 2, 3, 4, 9, 10].map((hour) => at(hour));
    expect(gapsOf(times)).toEqual([{ from: at(4), to: at(9) }]);
    expect(gapInWords({ from: at(4), to: at(9, 35) }, at(10))).toBe(
      "No check ran for 5 h 12 min, from 04:23 UTC to 09:35 UTC",
    );
  });

  it("is not a run that is late", () => {
    expect(gapsOf([at(0), at(1), at(2, 50), at(3), at(4), at(5, 50)])).toEqual([]);
  });

  it("is not looked for in a few runs, nor in checks by hand within minutes", () => {
    expect(gapsOf([at(0), at(1), at(9)])).toEqual([]);
    expect(gapsOf([0, 1, 2, 3, 9].map((minute) => at(0, minute)))).toEqual([]);
    expect(gapsOf([])).toEqual([]);
  });
});
