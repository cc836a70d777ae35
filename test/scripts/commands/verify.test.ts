import { expect, it } from "vitest";
import type { Verdict } from "../../../check/report.ts";
import { reportSet } from "../../../check/report-set.ts";
import { exitCodeOf } from "../../../scripts/commands/verify.ts";
import { aReport } from "../../support/report.ts";

const asked = [{ stack: "b", reason: "no state", hint: "make one" }];
const code = (verdicts: Verdict[], failOn: "fail" | "warn", notAsked = asked.slice(1)) =>
  exitCodeOf(
    reportSet(
      verdicts.map((verdict) => aReport({ verdict })),
      new Date(),
      notAsked,
    ),
    failOn,
  );

it.each([
  [["healthy"], "fail", 0],
  [["disabled"], "warn", 0],
  [["healthy", "degraded"], "fail", 0],
  [["healthy", "degraded"], "warn", 1],
  [["failed", "healthy"], "fail", 1],
  [["degraded", "failed"], "warn", 1],
] as const)("%j with --fail-on %s exits with %d", (verdicts, failOn, expected) => {
  expect(code([...verdicts], failOn)).toBe(expected);
});

it("exits with 2 when one of several could not be asked, whatever the verdict of the others", () => {
  expect(code(["healthy"], "fail", asked)).toBe(2);
  expect(code(["failed"], "fail", asked)).toBe(2);
});
