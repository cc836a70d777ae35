import { expect, it } from "vitest";
import { startDeadline } from "../../check/deadline.ts";

it("a running step stops when the check ends or the caller cancels", () => {
  const deadline = startDeadline(10_000);
  expect(deadline.signal.aborted).toBe(false);
  expect(deadline.leftMs()).toBeGreaterThan(9000);
  deadline.end();
  expect(deadline.signal.aborted).toBe(true);
  const caller = new AbortController();
  const other = startDeadline(10_000, caller.signal);
  caller.abort();
  expect(other.signal.aborted).toBe(true);
  other.end();
});

it("never has less than no time left", async () => {
  const deadline = startDeadline(5);
  await new Promise((resolve) => deadline.signal.addEventListener("abort", resolve));
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(deadline.leftMs()).toBe(0);
  deadline.end();
});
