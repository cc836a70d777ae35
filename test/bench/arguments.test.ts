import { describe, expect, it } from "vitest";
import { PropiqError } from "../../base/errors.ts";
import { benchOptions } from "./arguments.ts";

describe("the words after npm run bench --", () => {
  it("may be empty", () => {
    expect(benchOptions([])).toEqual({});
  });

  it("choose rows, rounds and a file", () => {
    const words = ["--only", "UP of", "--rounds", "3", "--json", "bench.json"];
    expect(benchOptions(words)).toEqual({ rounds: 3, only: /UP of/i, json: "bench.json" });
  });

  it("run every row once, to see that it runs", () => {
    expect(benchOptions(["--smoke"])).toEqual({ smoke: true });
  });

  it.each([
    ["an unknown option", ["--round", "3"]],
    ["a stray word", ["preview"]],
    ["no rounds", ["--rounds", "0"]],
    ["rounds in another notation", ["--rounds", "1e3"]],
    ["a broken pattern", ["--only", "("]],
  ])("are refused with an example: %s", (_name, words) => {
    expect(() => benchOptions(words)).toThrow(PropiqError);
  });
});
