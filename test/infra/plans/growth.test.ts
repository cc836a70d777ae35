import { describe, expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import { adviceFor } from "../../../check/faults/advice.ts";
import type { Code } from "../../../check/report.ts";
import { CATALOGUE, largerPlans, PLANS, type Plan } from "../../../infra/plans/catalogue.ts";

const cloud = PLANS.filter((plan) =>
  ["upstash", "azure", "azure-managed"].includes(CATALOGUE[plan].provider),
);
const cloudOf = (plan: Plan) => CATALOGUE[plan].provider.replace("azure-managed", "azure");
const isAvailable = (plan: Plan) => /standard|-ha$/.test(plan);
const memoryOf = (plan: Plan) => CATALOGUE[plan].memoryMb ?? 0;

function hint(code: Code, plan: Plan, stack: string | undefined = "prod"): string {
  const { provider } = CATALOGUE[plan];
  const subject = { enabled: true, plan, provider, largerPlans: largerPlans(plan) };
  return adviceText(adviceFor(code, stack === "" ? subject : { ...subject, stack }));
}

describe("a larger plan", () => {
  it.each(cloud)("than %s holds more, in the same cloud and as available, or does not exist", (plan) => {
    const larger = cloud.filter((other) =>
      [
        cloudOf(other) === cloudOf(plan),
        isAvailable(other) === isAvailable(plan),
        memoryOf(other) > memoryOf(plan),
        CATALOGUE[other].retires === undefined,
      ].every(Boolean),
    );
    const { memory } = largerPlans(plan);
    if (memory === undefined) expect(larger).toEqual([]);
    else expect(larger).toContain(memory);
    expect(hint("MEMORY_HIGH", plan)).toMatch(
      memory === undefined
        ? /no larger plan[\s\S]*Run: \.\/propiq-cache advise --stack prod$/
        : new RegExp(`config set plan ${memory} --stack prod\nRun: .* up --stack prod$`),
    );
  });

  it.each(cloud)("for the connections of %s takes more and holds as much, or does not exist", (plan) => {
    const next = largerPlans(plan).connections as Plan | undefined;
    if (next === undefined) return expect(hint("MAX_CLIENTS", plan)).not.toContain("config set");
    expect(hint("MAX_CLIENTS", plan)).toContain(`config set plan ${next} --stack prod`);
    expect(CATALOGUE[next].maxConnections).toBeGreaterThan(CATALOGUE[plan].maxConnections ?? 0);
    expect(memoryOf(next)).toBeGreaterThanOrEqual(memoryOf(plan));
    expect(isAvailable(next)).toBe(isAvailable(plan));
  });

  it("for an allowance that is used up is the one billed by use, and there its budget", () => {
    expect(hint("QUOTA_EXCEEDED", "upstash-fixed-250mb")).toContain("config set plan upstash-payg");
    expect(hint("QUOTA_EXCEEDED", "upstash-payg")).toMatch(
      /raise upstash\.budget in the config[\s\S]* up --stack prod$/,
    );
  });

  it("is not named where no stack decides the plan", () => {
    expect(hint("QUOTA_EXCEEDED", "upstash-free", "")).toMatch(
      /where the plan is configured\.\nRun: \.\/propiq-cache verify$/,
    );
  });
});
