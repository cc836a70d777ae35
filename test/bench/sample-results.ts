/** Results for tests: fresh each time, and healthy unless given otherwise. */
import type { Result } from "./row.ts";

export function measured(ratio: number, goal = 1.5): Result {
  return {
    row: { name: "preview of a stack", against: "empty program", goal },
    measured: true,
    rounds: 7,
    ours: { ms: ratio * 1000, memoryMb: 300, parts: [] },
    baseline: { ms: 1000, memoryMb: 150.4, parts: [] },
    ratio,
  };
}

export function notMeasured(excusable: boolean): Result {
  return {
    row: { name: "preview in Docker", against: "empty program", goal: 1.65 },
    measured: false,
    why: "dockerd is not installed",
    hint: "apt-get install docker.io",
    excusable,
  };
}
