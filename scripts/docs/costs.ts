/** `docs/costs.md`: what plans, checks and alerts cost, by examples whose figures come from the catalogue. */

import { alertsMonthlyUsd } from "../../infra/alerts/cost.ts";
import { CATALOGUE, monthlyUsd, type Plan, useUsd } from "../../infra/plans/catalogue.ts";

/** Hours and runs of a month, as providers count them. */
const HOURS = 730;
/** The most that one check sends, and what it sends when all is well. */
const MOST = 30;
const USUAL = 18;
/** Of a request to an app that looks things up often. */
const LOOK_UPS = 10;

export function costsPage(): string {
  const free = CATALOGUE["upstash-free"].allowance?.commandsPerMonth ?? 0;
  const payg = (commands: number) => paygUsd(commands).toFixed(2);
  const budget = usd("upstash-payg");
  const [small, fixed, next] = [usd("azure-managed-b0"), usd("upstash-fixed-250mb"), usd("azure-managed-b1")];
  const hourly = MOST * HOURS;
  return `# Costs

<!-- Generated from infra/plans/catalogue.ts by \`npm run format\`. -->

Prices are those of [Choosing a plan](plans.md), where their dates are. The arithmetic is here.

## A month

| plan | example | US$ a month |
| --- | --- | --- |
| \`upstash-free\` | up to ${whole(free)} commands: ${whole(free)} / 30 days / ${LOOK_UPS} look-ups a request = ${whole(free / 30 / LOOK_UPS)} requests a day | 0.00 |
| \`upstash-payg\` | 3,000,000 commands: 30 × $${payg(100_000)} for 100,000 | ${payg(3_000_000)} |
| \`upstash-payg\` | ${whole((budget / paygUsd(1000)) * 1000)} commands: \`upstash.budget\` (${budget}) is reached, and Upstash throttles the database | ${budget.toFixed(2)} |
| \`upstash-fixed-250mb\` | whatever the number of commands | ${fixed.toFixed(2)} |
| \`azure-managed-b0\` | ${HOURS} hours × $${(small / HOURS).toFixed(3)} | ${small.toFixed(2)} |
| \`azure-managed-b0-ha\` | two nodes: 2 × ${small.toFixed(2)} | ${usd("azure-managed-b0-ha").toFixed(2)} |
| \`azure-managed-b0\` with standby \`upstash-fixed-250mb\` | ${small.toFixed(2)} + ${fixed.toFixed(2)} | ${(small + fixed).toFixed(2)} |

A change of plan pays for both caches while both are there: an hour of \`azure-managed-b0\` is ${small.toFixed(2)} / ${HOURS} = $${(small / HOURS).toFixed(3)}.

## A check

\`verify\` sends ${USUAL} commands when all is well and never more than ${MOST}; \`up\` and \`on\` prove the cache by the same check.

| how often | commands a month | of \`upstash-free\` | with \`upstash-payg\` |
| --- | --- | --- | --- |
| each hour (\`verify.yml\`) | ${HOURS} × ${MOST} = ${whole(hourly)} | ${share(hourly, free)} | $${payg(hourly)} |
| every 15 minutes | ${whole(hourly * 4)} | ${share(hourly * 4, free)} | $${payg(hourly * 4)} |
| every 5 minutes | ${whole(hourly * 12)} | ${share(hourly * 12, free)} | $${payg(hourly * 12)} |

A check that fails is made twice. \`advise\` looks at 500 keys, with a command or two for each: once a week is plenty. Plans in
Azure and with a fixed price count no commands. GitHub bills private repositories by the minute, rounded up for each job:
each hour is at least ${HOURS} a month.

## The budget

\`monthlyBudgetUsd\` stops a preview that would cost more: 25 in stack \`prod\`, none in others unless you set one. It counts

- the list price of the active plan and of each \`standby\`: \`azure-managed-b1\` is ${next.toFixed(2)} and fits; with standby \`upstash-fixed-250mb\` it
  is ${next.toFixed(2)} + ${fixed.toFixed(2)} = ${(next + fixed).toFixed(2)} and does not;
- \`upstash-payg\` by \`upstash.budget\`, since more than that is not billed;
- \`external\` by \`external.monthlyUsd\`; where that is not set nothing is known, and nothing is stopped;
- [alerts](alerts.md#what-it-costs) of an Azure plan, ${alertsMonthlyUsd("azure-managed-b0").toFixed(2)} for \`azure-managed-b0\`.

It does not count taxes, traffic, private endpoints, Key Vault, and the state's storage, which is cents. To spend more:

\`\`\`sh
./propiq-cache pulumi config set monthlyBudgetUsd 40 --stack prod
\`\`\`
`;
}

function usd(plan: Plan): number {
  const amount = monthlyUsd(plan);
  if (amount === null) throw new Error(`nobody knows what ${plan} costs`);
  return amount;
}

function whole(count: number): string {
  return Math.floor(count).toLocaleString("en-US");
}

function share(part: number, of: number): string {
  return `${((part / of) * 100).toFixed(1)}%`;
}

/** What so many commands of pay as you go cost, with data that is free. */
function paygUsd(commandsPerMonth: number): number {
  const { price } = CATALOGUE["upstash-payg"];
  return price.kind === "budget" ? useUsd(price.use, { commandsPerMonth, dataMb: 0 }) : 0;
}
