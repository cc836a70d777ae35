import { expect, it } from "vitest";
import { counted, plural } from "../../base/counted.ts";

it("the plural follows the number", () => {
  expect([0, 1, 2].map((count) => counted(count, "look-up"))).toEqual([
    "0 look-ups",
    "1 look-up",
    "2 look-ups",
  ]);
  expect([1, 2].map((count) => counted(count, "query", "queries"))).toEqual(["1 query", "2 queries"]);
  expect([1, 1.5].map((count) => plural(count, "command"))).toEqual(["command", "commands"]);
});
