import { describe, expect, it } from "vitest";
import { startFigures } from "../../../rehearsal/scenario/requests.ts";

describe("the figures of a step's requests", () => {
  it("count what was sent and what failed, and begin anew with each step", () => {
    const figures = startFigures(0);
    figures.sent();
    figures.sent();
    figures.failed();
    figures.served(100);
    expect(figures.take(150)).toEqual({ sent: 2, failed: 1, longestGapMs: 100 });
    expect(figures.take(200)).toEqual({ sent: 0, failed: 0, longestGapMs: 0 });
  });

  it("have the longest time without a good answer", () => {
    const figures = startFigures(0);
    for (const at of [100, 150, 900, 950]) {
      figures.sent();
      figures.served(at);
    }
    expect(figures.take(1000).longestGapMs).toBe(750);
  });

  it("count a gap that spans two steps in both, in each with its own part", () => {
    const figures = startFigures(0);
    figures.sent();
    figures.served(100);
    figures.sent();
    expect(figures.take(600).longestGapMs).toBe(500);
    figures.sent();
    figures.served(1100);
    expect(figures.take(1100).longestGapMs).toBe(500);
  });
});
