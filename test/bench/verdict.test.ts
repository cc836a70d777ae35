import { describe, expect, it } from "vitest";
import { measured, notMeasured } from "./sample-results.ts";
import { exitCodeOf, markOf } from "./verdict.ts";

describe("the mark of a row", () => {
  it.each([
    ["met", measured(1.4, 1.4)],
    ["missed", measured(1.401, 1.4)],
    ["not measured", notMeasured(true)],
  ] as const)("is %s", (mark, result) => {
    expect(markOf(result)).toBe(mark);
  });
});

describe("the exit code", () => {
  const well = measured(1);
  const missed = measured(2);

  it.each([
    ["0 when every goal is met", [well, well], false, 0],
    ["1 when one is missed", [well, missed], false, 1],
    ["1 also when another could not be measured", [notMeasured(false), missed], true, 1],
    ["2 when one could not be measured", [well, notMeasured(false)], false, 2],
    ["0 on a developer's machine without Docker", [well, notMeasured(true)], false, 0],
    ["2 in a pipeline without Docker", [well, notMeasured(true)], true, 2],
  ] as const)("is %s", (_name, results, strict, code) => {
    expect(exitCodeOf(results, strict)).toBe(code);
  });

  it("is 0 for a smoke run whose goals are missed, and 2 where a row does not run", () => {
    expect(exitCodeOf([well, missed], true, true)).toBe(0);
    expect(exitCodeOf([notMeasured(false), missed], true, true)).toBe(2);
  });
});
