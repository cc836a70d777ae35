import { expect, it } from "vitest";
import { judgePlan } from "../../../check/judge/plan.ts";
import type { Subject } from "../../../check/subject.ts";

const MB = 1024 * 1024;
const azure: Subject = { enabled: true, plan: "azure-c0", provider: "azure", memoryLimitMb: 250 };

it.each([
  [126, "pass"],
  [125, "warn"],
  [499, "pass"],
  [500, "warn"],
])("a server's limit of %d MB on a plan of 250 is a %s", (limitMb, status) => {
  expect(judgePlan(azure, { maxBytes: limitMb * MB })).toMatchObject([
    { id: "plan", status, ...(status === "warn" ? { code: "PLAN_DIFFERS" } : {}) },
  ]);
});

it("the current config takes precedence over the server's report", () => {
  const subject = { ...azure, configuredPlan: "azure-managed-b0" };
  expect(judgePlan(subject, { maxBytes: 250 * MB })).toMatchObject([
    { status: "warn", code: "PLAN_DIFFERS", expected: "azure-managed-b0" },
  ]);
  expect(judgePlan({ ...subject, configuredPlan: "azure-c0" }, {})).toMatchObject([{ status: "pass" }]);
});

it("nothing is judged where the expected plan is unknown, or the server's limit is not the plan's", () => {
  expect(judgePlan({ enabled: true }, { maxBytes: MB })).toEqual([]);
  expect(judgePlan({ ...azure, provider: "upstash" }, { maxBytes: MB })).toEqual([]);
  expect(judgePlan(azure, {})).toEqual([]);
  expect(judgePlan(azure, { maxBytes: 0 })).toEqual([]);
});
