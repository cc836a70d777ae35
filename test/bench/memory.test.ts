import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { timed } from "./command.ts";
import { descendants, parentIn, peakMemory } from "./memory.ts";

it("counts what the known processes started, in whatever order they are listed", () => {
  const all = [
    { pid: 30, parent: 20 },
    { pid: 20, parent: 10 },
    { pid: 10, parent: 1 },
    { pid: 40, parent: 1 },
  ];
  expect(descendants(all, new Set([10])).toSorted()).toEqual([10, 20, 30]);
});

it("keeps a daemon whose starter has ended, and drops what has ended itself", () => {
  expect(descendants([{ pid: 30, parent: 1 }], new Set([10, 30]))).toEqual([30]);
});

it("reads the parent of a process whose name holds brackets and blanks", () => {
  expect(parentIn("77 (a) S 9 (b) S 42 77 77 0")).toBe(42);
});

it.runIf(existsSync("/proc/self/smaps_rollup"))("sees the memory of a grandchild", async () => {
  const hold = "const held = Buffer.alloc(200 * 2 ** 20, 1); setTimeout(() => held, 500)";
  const script = `require("node:child_process").execFileSync(process.execPath, ["-e", ${JSON.stringify(hold)}])`;
  const peak = await peakMemory(timed({ words: [process.execPath, "-e", script], cwd: "/", env: {} }));
  expect(peak).toBeGreaterThan(200 * 2 ** 20);
});
