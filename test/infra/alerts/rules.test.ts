import { describe, expect, it } from "vitest";
import { alertsMonthlyUsd } from "../../../infra/alerts/cost.ts";
import { ALERT_KINDS, MEASURES, RESOURCE_TYPES } from "../../../infra/alerts/measures.ts";
import { alertRules, WORDINGS } from "../../../infra/alerts/rules.ts";
import { serviceOf } from "../../../infra/azure/services.ts";
import { CATALOGUE, PLANS, type Plan } from "../../../infra/plans/catalogue.ts";
import { metricOf } from "../../../rehearsal/azure/metrics.ts";

const IN_AZURE = PLANS.filter((plan) => serviceOf(plan) !== undefined);
const ruleOf = (plan: Plan, kind: string) => {
  const rule = alertRules(plan, "prod").find((each) => each.kind === kind);
  if (rule === undefined) throw new Error(`${plan} has no rule on ${kind}`);
  return rule;
};

const measures = Object.entries(MEASURES).flatMap(([service, table]) =>
  Object.entries(table).map(([kind, measure]) => ({
    service: service as keyof typeof MEASURES,
    kind,
    measure,
  })),
);

describe("what is measured", () => {
  it.each(measures)(
    "is a metric that Azure has of the service: $kind of $service",
    ({ service, measure }) => {
      const published = metricOf(RESOURCE_TYPES[service], measure.metric);
      expect(published).toBeDefined();
      if (measure.splitBy !== undefined) expect(published?.dimensions).toContain(measure.splitBy);
      // A sum of values that are not a time, such as a share of memory, says nothing.
      if (measure.aggregation === "Total") expect(published?.aggregation).toBe("Total");
    },
  );

  it("counts keys in one service and keys per second in the other, for the same purpose", () => {
    const counted = ruleOf("azure-c0", "evictions");
    const rate = ruleOf("azure-managed-b0", "evictions");
    expect([counted.measure.aggregation, rate.measure.aggregation]).toEqual(["Total", "Average"]);
    expect(counted.threshold / (counted.measure.windowMinutes * 60)).toBeCloseTo(rate.threshold);
  });

  it("has every kind in one service or the other, and describes each", () => {
    expect([...new Set(measures.map(({ kind }) => kind))].toSorted()).toEqual([...ALERT_KINDS].toSorted());
    expect(Object.keys(WORDINGS).toSorted()).toEqual([...ALERT_KINDS].toSorted());
  });
});

describe("the rules of a plan", () => {
  it.each(IN_AZURE)("%s: are those of its service, by the plan's own limits", (plan) => {
    const rules = alertRules(plan, "prod");
    const errors = CATALOGUE[plan].provider === "azure" ? ["errors"] : [];
    expect(rules.map(({ kind }) => kind).toSorted()).toEqual(
      ["memory", "server-load", "evictions", "connections", ...errors].toSorted(),
    );
    expect(ruleOf(plan, "memory").threshold).toBe(75);
    expect(ruleOf(plan, "server-load").threshold).toBe(80);
    expect(ruleOf(plan, "connections").threshold).toBe(
      Math.floor((CATALOGUE[plan].maxConnections ?? 0) * 0.8),
    );
  });

  it("fire on any error that Azure counts, and near the limit of connections", () => {
    expect(ruleOf("azure-c0", "errors").threshold).toBe(0);
    expect(ruleOf("azure-c0", "connections").threshold).toBe(204);
    expect(ruleOf("azure-managed-b1-ha", "connections").threshold).toBe(12_000);
  });

  it.each(PLANS.filter((plan) => !IN_AZURE.includes(plan)))("%s: do not exist", (plan) => {
    expect(alertRules(plan, "prod")).toEqual([]);
    expect(alertsMonthlyUsd(plan)).toBe(0);
  });
});

describe("what a mail says", () => {
  const all = IN_AZURE.flatMap((plan) => alertRules(plan, "prod").map((rule) => ({ plan, ...rule })));

  it.each(all)("of $kind with $plan: stack and plan, what it means, and one whole command", (rule) => {
    const { description, plan } = rule;
    expect(description).toMatch(
      new RegExp(
        `^The cache of stack prod \\(${plan}\\) has .* Set PULUMI_CONFIG_PASSPHRASE to .* Run: \\./propiq-cache (advise|verify --app) --stack prod$`,
      ),
    );
    // Azure's limit.
    expect(description.length).toBeLessThanOrEqual(2048);
    expect(description).not.toMatch(/undefined|null|NaN/);
  });

  it("asks for no passphrase where a stack has none of its own", () => {
    for (const { description } of alertRules("azure-c0", "dev")) {
      expect(description).not.toContain("PASSPHRASE");
    }
  });

  it("names the limit that is near", () => {
    expect(ruleOf("azure-c1", "connections").description).toContain("more than 800 of its 1000 connections");
  });
});

describe("what alerts cost", () => {
  it("is ten cents a month for each series, and a node more is a series more", () => {
    expect(alertsMonthlyUsd("azure-c0")).toBe(0.5);
    expect(alertsMonthlyUsd("azure-managed-b0")).toBe(0.4);
    expect(alertsMonthlyUsd("azure-managed-b0-ha")).toBe(0.5);
  });
});
