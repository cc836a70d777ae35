import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

/** What a script prints that runs under the quick clock, and the real milliseconds that it took. */
function quickly(script: string): { printed: unknown; tookMs: number } {
  const startedAt = performance.now();
  const words = [
    "--require",
    join(import.meta.dirname, "quick-clock.cjs"),
    "--input-type=module",
    "-e",
    script,
  ];
  const printed: unknown = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" }));
  return { printed, tookMs: performance.now() - startedAt };
}

const SLEEP = 'import { setTimeout as sleep } from "node:timers/promises"; const from = performance.now();';

it("shows the whole time of a sleep, which takes a tenth of it", () => {
  const { printed, tookMs } = quickly(
    `${SLEEP} const real = Date.now(); await sleep(20_000); console.log(JSON.stringify([performance.now() - from, Date.now() - real]))`,
  );
  const [shownMs = 0, realMs = 0] = printed as number[];
  expect(shownMs).toBeGreaterThanOrEqual(20_000);
  expect(realMs).toBeLessThan(shownMs / 2);
  expect(tookMs).toBeGreaterThanOrEqual(2_000);
});

it("counts sleeps at the same time once", () => {
  const { printed } = quickly(
    `${SLEEP} await Promise.all([sleep(3_000), sleep(3_000), sleep(3_000)]); console.log(performance.now() - from)`,
  );
  expect(printed).toBeGreaterThanOrEqual(3_000);
  expect(printed).toBeLessThan(9_000);
});

it("leaves timers and an interrupted sleep in real time", () => {
  const { printed } = quickly(
    `${SLEEP} const error = await sleep(60_000, undefined, { signal: AbortSignal.timeout(50) }).catch((error) => error.name);
     const at = performance.now(); await new Promise((resolve) => setTimeout(resolve, 200));
     console.log(JSON.stringify([error, performance.now() - at < 1_900]))`,
  );
  expect(printed).toEqual(["AbortError", true]);
});
