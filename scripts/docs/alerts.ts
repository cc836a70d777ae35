/** `docs/alerts.md`: what watches an Azure cache, what a mail means, and what it costs; from the rules themselves. */
import { commandLine } from "../../base/command.ts";
import { alertsMonthlyUsd, USD_PER_SERIES } from "../../infra/alerts/cost.ts";
import {
  ALERT_KINDS,
  type AlertKind,
  CONNECTIONS_PERCENT,
  connectionsThreshold,
  EVICTIONS_PER_SECOND,
  MEASURES,
  type Measure,
} from "../../infra/alerts/measures.ts";
import { WORDINGS } from "../../infra/alerts/rules.ts";
import { type AzureService, serviceOf } from "../../infra/azure/services.ts";
import { CATALOGUE, PLANS, type Plan } from "../../infra/plans/catalogue.ts";

/** One plan of each service, whose words stand for it. */
const EXAMPLES: Readonly<Record<AzureService, { plan: Plan; title: string }>> = {
  azure: { plan: "azure-c0", title: "Azure Cache for Redis" },
  "azure-managed": { plan: "azure-managed-b0", title: "Azure Managed Redis" },
};
const SERVICES = Object.keys(EXAMPLES) as AzureService[];
const SEVERITIES = { 1: "1 (users soon feel it)", 2: "2 (look today)", 3: "3 (can wait)" } as const;

export function alertsPage(): string {
  return `# Alerts and a dashboard

<!-- Generated from infra/alerts by \`npm run format\`. -->

For Azure plans. Azure itself watches the cache that is in use and sends mails, also while no pipeline runs. Needs what
[Sign in](production.md#sign-in-once) says.

\`\`\`sh
./propiq-cache pulumi config set --path 'alerts.emails[0]' ops@example.com --stack prod
./propiq-cache preflight --stack prod    # may they be made?
./propiq-cache pulumi preview --stack prod
./propiq-cache pulumi up --stack prod
./propiq-cache pulumi stack output dashboard --stack prod   # the dashboard's address in Azure's portal
\`\`\`

Azure informs each address that it was added. Mails come from \`azure-noreply@microsoft.com\`: let them through your filter.
With \`alerts: {}\` nobody is mailed, and fired alerts show in the portal alone (Monitor > Alerts). Without the key there are
no alerts and no dashboard.

On other plans the key changes nothing, and a preview says so: there the hourly check watches
([pipelines](pipelines.md)). Keep it enabled with alerts, too: it connects as the app does, which no metric shows.

## What is watched

| alert | ${SERVICES.map((service) => EXAMPLES[service].title).join(" | ")} | severity |
| --- | --- | --- | --- |
${ALERT_KINDS.map(row).join("\n")}

Azure ends an alert by itself when the value is good again, and mails that as well.

- 75% of memory and 80% of load are Microsoft's own recommendations.
- Connections: ${CONNECTIONS_PERCENT}% of what the plan allows; the rest is for the restart of an app, which opens its new ones first.
- Evictions: one key in ${1 / EVICTIONS_PER_SECOND} seconds, kept up for a quarter of an hour. A full cache that drops a key now and then does what it is for.
- Errors: each one. Azure counts none in a cache that is well, and none at all for Azure Managed Redis.
- Load of Azure Managed Redis: its processor, node by node, for Microsoft says of its server load that it is at times above 100.

The dashboard (a workbook) shows hit rate, memory, latency, connections and the above. What you change in it, the next
change of plan writes over: save it under another name.

## A mail came

Each ends in the command to type.

${ALERT_KINDS.map(section).join("\n")}
## What it costs

About $${USD_PER_SERIES.toFixed(2)} a month for each series of a metric (Azure's price list, as quoted in 2026:
azure.microsoft.com/pricing/details/monitor); a cache with two nodes has one more. \`monthlyBudgetUsd\` counts it. Mails and the dashboard are free.

| plan | connections above | US$ a month |
| --- | --- | --- |
${PLANS.filter((plan) => serviceOf(plan) !== undefined)
  .map(
    (plan) =>
      `| \`${plan}\` | ${connectionsThreshold(plan).toLocaleString("en-US")} of ${CATALOGUE[plan].maxConnections?.toLocaleString("en-US")} | ${alertsMonthlyUsd(plan).toFixed(2)} |`,
  )
  .join("\n")}

## Good to know

- Another plan: the new cache's alerts are there before the app uses it, and the old one's go just before it does.
- Standby caches have none: no app uses them. When one becomes the plan, the alerts move to it.
- An adopted cache is watched too; nothing of it is changed. Alerts go by the plan in the config: name the one it has.
- Without Contributor on the resource group, "Monitoring Contributor" is the role that alerts need.
- \`drift\` reports a disabled rule. To pause alerts for a while, use an alert processing rule of
  Azure's (Monitor > Alerts > Alert processing rules) instead.
`;
}

function row(kind: AlertKind): string {
  const cells = SERVICES.map((service) => cell(MEASURES[service][kind], EXAMPLES[service].plan));
  return `| ${kind} | ${cells.join(" | ")} | ${SEVERITIES[WORDINGS[kind].severity]} |`;
}

function cell(measure: Measure | undefined, plan: Plan): string {
  if (measure === undefined) return "not counted";
  const { metric, aggregation, windowMinutes, threshold, splitBy } = measure;
  const limit =
    threshold === connectionsThreshold ? `${CONNECTIONS_PERCENT}% of the plan's` : threshold(plan);
  const each = splitBy === undefined ? "" : ", by node";
  return `\`${metric}\`, ${aggregation.toLowerCase()} of ${windowMinutes} minutes${each}, above ${limit}`;
}

function section(kind: AlertKind): string {
  const { what, means, next, command } = WORDINGS[kind];
  const plans = SERVICES.filter((service) => MEASURES[service][kind] !== undefined).map(
    (service) => EXAMPLES[service].plan,
  );
  const [one = "", ...others] = new Set(plans.map(what));
  const says = others.length === 0 ? one : plans.map((plan) => `${what(plan)} (${plan})`).join(", or ");
  return `**${kind}**: the cache ${says}. ${means}

\`\`\`sh
${commandLine(command("prod"))}   # ${next.charAt(0).toLowerCase()}${next.slice(1)}
\`\`\`
`;
}
