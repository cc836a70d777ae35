import { expect, it } from "vitest";
import { recoveredAfterMs } from "../../../rehearsal/drill/recovery.ts";
import { Traffic } from "../../../rehearsal/drill/traffic.ts";
import { answered } from "./samples.ts";

const USE = { commandsPerRequest: 1, dataPerRequest: 1 };
/** 20 requests a second, from the end of the fault at 1000 on. */
const SAMPLES = Array.from({ length: 60 }, (_, index) => answered(5, 200, 1000 + 50 * index));

function traffic(...commands: [name: string, atMs: number][]): Traffic {
  const seen = new Traffic();
  for (const [name, atMs] of commands) seen.record(name, atMs);
  return seen;
}

const every = (ms: number, name: string, fromMs: number, toMs: number): [string, number][] =>
  Array.from({ length: (toMs - fromMs) / ms }, (_, index) => [name, fromMs + ms * index]);
const recovered = (commands: [string, number][], nowMs: number, use = USE, connections = 1) =>
  recoveredAfterMs({ traffic: traffic(...commands), connections }, SAMPLES, use, { sinceMs: 1000, nowMs });

it("sees an app that uses its cache again, and since when", () => {
  expect(recovered(every(50, "GET", 1300, 2000), 1950)).toBe(300);
});

it("does not take the commands before the end of the fault for a recovery", () => {
  expect(recovered(every(50, "GET", 0, 1000), 1950)).toBeUndefined();
});

it("does not take a client that only connects, or tries now and then, for one that uses its cache", () => {
  expect(recovered(every(50, "PING", 1300, 2000), 1950)).toBeUndefined();
  expect(recovered([["GET", 1300]], 1950)).toBeUndefined();
});

it("judges an app whose requests only send PING by its PINGs", () => {
  const use = { commandsPerRequest: 1, dataPerRequest: 0 };
  expect(recovered(every(50, "PING", 1300, 2000), 1950, use)).toBe(300);
});

it("judges an app whose requests send nothing by its connection", () => {
  const use = { commandsPerRequest: 0, dataPerRequest: 0 };
  expect(recovered([], 1950, use, 1)).toBe(950);
  expect(recovered([], 1950, use, 0)).toBeUndefined();
});
