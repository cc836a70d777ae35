import { describe, expect, it } from "vitest";
import { median, ratio } from "./statistics.ts";

describe("median", () => {
  it("is the middle of an odd number of values, in whatever order they came", () => {
    expect(median([30, 1, 2])).toBe(2);
    expect(median([7])).toBe(7);
  });

  it("is the mean of the two in the middle of an even number", () => {
    expect(median([10, 1, 3, 2])).toBe(2.5);
  });

  it("leaves the list as it was", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("does not make one up from nothing", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe("ratio", () => {
  it("is rounded to three places, as it is printed", () => {
    expect(ratio(1400.4, 1000)).toBe(1.4);
    expect(ratio(1400.6, 1000)).toBe(1.401);
  });
});
