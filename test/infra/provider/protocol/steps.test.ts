import { describe, expect, it } from "vitest";
import { intervalFor, reportSteps } from "../../../../infra/provider/protocol/steps.ts";

function lines(intervalMs = 10_000) {
  let nowMs = 0;
  const said: string[] = [];
  const steps = reportSteps(
    (line) => said.push(line),
    intervalMs,
    () => nowMs,
  );
  const wait = (ms: number, step: string, detail?: string) => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 400) steps.progress(step, detail);
  };
  return { said, steps, wait };
}

describe("a step", () => {
  it("is reported when it begins, every 10 s while it lasts, and when it ends", () => {
    const { said, steps, wait } = lines();
    wait(31_000, "waiting for app", "it answers 503");
    steps.progress("draining");
    expect(said).toEqual([
      "waiting for app: it answers 503",
      "waiting for app: it answers 503 (10 s)",
      "waiting for app: it answers 503 (20 s)",
      "waiting for app: it answers 503 (30 s)",
      "waiting for app: ended after 31 s",
      "draining",
    ]);
  });

  it("is one line where it is short, whatever its details", () => {
    const { said, steps } = lines();
    for (const detail of ["DNS", "TCP", "TLS"]) steps.progress("proving the cache", detail);
    steps.end();
    expect(said).toEqual(["proving the cache: DNS"]);
  });

  it("is reported less often in a pipeline", () => {
    const { said, steps, wait } = lines(intervalFor({ CI: "true" }));
    wait(59_000, "waiting for app");
    steps.end();
    expect(said).toEqual(["waiting for app"]);
    expect(intervalFor({})).toBe(10_000);
  });
});
