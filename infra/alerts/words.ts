/** What a user should know of a stack's alerts before an update. Pure. */
import { commandLine, setConfig } from "../../base/command.ts";
import { CATALOGUE, isIn, type Plan } from "../plans/catalogue.ts";
import type { Settings } from "../settings/settings.ts";
import { alertsMonthlyUsd } from "./cost.ts";
import { alertRules } from "./rules.ts";

type Stack = Pick<Settings, "plan" | "standby" | "stack" | "alerts">;

/** Of rules that are going to be made. Addresses are people's: they are counted, not named. */
export function newAlertsLines({ plan, standby, stack, alerts }: Stack): string[] {
  const emails = alerts?.emails.length ?? 0;
  const mail =
    emails === 0
      ? `; they show in Azure's portal only. For mails: ${commandLine(setConfig(stack, "alerts.emails[0]", "you@example.com"))}`
      : `, and mail ${emails === 1 ? "one address" : `${emails} addresses`}`;
  const cost = alertsMonthlyUsd(plan).toFixed(2);
  return [
    `${alertRules(plan, stack).length} alert rules watch the cache of plan ${plan}, for about $${cost} a month${mail}.`,
    ...standby.filter(isInAzure).map(notWatched),
  ];
}

/** Where the cache in use is in no Azure, and the key changes nothing. */
export function noAlertsLines({ plan, standby }: Stack): string[] {
  const idle = standby.filter(isInAzure).map(notWatched);
  return [
    `propiq-cache:alerts: ${plan} (${CATALOGUE[plan].title}) is not a cache in Azure, so Azure Monitor cannot watch it and sends no mails. The hourly check watches it and opens an issue: .github/workflows/verify.yml (docs/pipelines.md).`,
    ...idle,
  ];
}

const isInAzure = (plan: Plan): boolean => isIn("azure", plan);
const notWatched = (plan: Plan): string =>
  `The standby cache of plan ${plan} has no alerts: no app uses it. They move to it when it becomes the plan.`;
