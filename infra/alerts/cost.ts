/** What the alerts of a plan cost. Pure. */
import { serviceOf } from "../azure/services.ts";
import { CATALOGUE, type Plan } from "../plans/catalogue.ts";
import { MEASURES, type Measure } from "./measures.ts";

/**
 * A month, for each series of a metric that a rule watches: Azure's price list
 * (azure.microsoft.com/pricing/details/monitor) as public projects quoted it in 2026. The mails of a small team and the
 * workbook cost nothing.
 */
export const USD_PER_SERIES = 0.1;

/** 0 for a plan that is not in Azure: it gets none. */
export function alertsMonthlyUsd(plan: Plan): number {
  const service = serviceOf(plan);
  if (service === undefined) return 0;
  const series = Object.values(MEASURES[service]).reduce((sum, measure) => sum + seriesOf(measure, plan), 0);
  return Math.round(series * USD_PER_SERIES * 100) / 100;
}

/** A cache with high availability has two nodes. */
function seriesOf({ splitBy }: Measure, plan: Plan): number {
  const nodes = CATALOGUE[plan].highAvailability ? 2 : 1;
  return splitBy === undefined ? 1 : nodes;
}
