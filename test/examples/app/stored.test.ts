import { expect, it } from "vitest";
import { StoredBytes } from "../../../examples/app/cache/stored.ts";

it("values count until they expire, and once each", () => {
  const stored = new StoredBytes();
  stored.add("user:1", 100, 10_000, 0);
  stored.add("user:2", 50, 60_000, 0);
  stored.add("user:1", 70, 20_000, 1000);
  expect([stored.total(2000), stored.total(21_000), stored.total(60_000)]).toEqual([120, 50, 0]);
});

it("values beyond those known by name count until the minute in which they expire is over", () => {
  const stored = new StoredBytes();
  for (let id = 0; id < 8000; id++) stored.add(`user:${id}`, 10, 30_000, 0);
  expect(stored.total(1000)).toBe(80_000);
  stored.remove("user:7999");
  expect(stored.total(1000)).toBe(79_990);
  expect(stored.total(60_000)).toBe(0);
});
