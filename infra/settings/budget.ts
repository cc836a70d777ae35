/** What a stack costs in a month, and whether it may. In US dollars. Pure. */
import { commandLine, setConfig } from "../../base/command.ts";
import { alertsMonthlyUsd } from "../alerts/cost.ts";
import { monthlyUsd } from "../plans/catalogue.ts";
import type { Context, Problem } from "./problems.ts";
import type { RawSettings } from "./schema.ts";

export function problemsOfBudget(raw: RawSettings, { stack }: Context): Problem[] {
  const cost = totalUsd(raw);
  const budget = raw.monthlyBudgetUsd ?? defaultBudgetUsd(stack);
  if (cost === null || budget === undefined || cost <= budget) return [];
  const plans = [raw.plan, ...raw.standby].join(" with standby ");
  const extra = alertsUsd(raw) > 0 ? " and alerts" : "";
  return [
    {
      key: "monthlyBudgetUsd",
      words: `${plans}${extra} costs about $${cost.toFixed(2)} a month, more than the $${budget} that this stack allows. To allow it: ${commandLine(setConfig(stack, "monthlyBudgetUsd", String(Math.ceil(cost))))}`,
    },
  ];
}

/** Production has a limit unless a user sets another. */
export function defaultBudgetUsd(stack: string): number | undefined {
  return stack === "prod" ? 25 : undefined;
}

/** The month's cost of the active and all standby caches, and of alerts; null as soon as one is unknown. */
export function totalUsd(raw: RawSettings): number | null {
  const given = {
    ...(raw.upstash?.budget === undefined ? {} : { budgetUsd: raw.upstash.budget }),
    ...(raw.external?.monthlyUsd === undefined ? {} : { statedUsd: raw.external.monthlyUsd }),
  };
  const costs = [raw.plan, ...raw.standby].map((plan) => monthlyUsd(plan, given));
  return costs.reduce<number | null>(
    // To the cent: figures such as 0.1 do not add up exactly.
    (sum, cost) => (sum === null || cost === null ? null : Math.round((sum + cost) * 100) / 100),
    alertsUsd(raw),
  );
}

function alertsUsd({ alerts, plan }: RawSettings): number {
  return alerts === undefined ? 0 : alertsMonthlyUsd(plan);
}
