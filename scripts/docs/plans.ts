/** `docs/plans.md`: which plan to choose, with limits and prices, from the catalogue. */
import {
  CATALOGUE,
  isLocal,
  monthlyUsd,
  PLANS,
  type Plan,
  type PlanFacts,
} from "../../infra/plans/catalogue.ts";

export function plansPage(): string {
  return `# Choosing a plan

<!-- Generated from infra/plans/catalogue.ts by \`npm run format\`. -->

Start small: \`upstash-free\` costs nothing and is made in seconds. Grow when the check or
\`./propiq-cache advise --stack prod\` says that the cache is too small, or when the app has to answer faster than a
cache in another cloud lets it. Between [Sign in](production.md#sign-in-once) and the first
deploy one command chooses; afterwards it is [a step of growth](growing.md):

\`\`\`sh
./propiq-cache pulumi config set plan upstash-free --stack prod
\`\`\`

| plan | what it is | data | connections | US$ a month | price read | life |
| --- | --- | --- | --- | --- | --- | --- |
${PLANS.map(row).join("\n")}

- Prices are list prices of the month named, East US where the provider's prices differ by region; taxes and traffic
  apart. \`upstash-payg\` is billed by use up to \`upstash.budget\`, which is what counts here.
- What counts towards \`monthlyBudgetUsd\`, and what a check costs: [Costs](costs.md).
- Upstash has no region in Azure: each request crosses from one cloud to the other. Azure's caches stand beside the app.
- Azure Cache for Redis (\`azure-c0\` to \`azure-standard-c1\`) is closed to tenants that had none before 2026-04-01 and
  ends on 2028-09-30. Azure Managed Redis is its successor; \`azure-managed-b0\` is the step to take.
- Without \`-ha\`, a managed plan has one node: no SLA, and its content is lost when Azure moves or resizes it. A cache
  may lose its content; high availability cannot be disabled once it is enabled.
`;
}

function row(plan: Plan): string {
  const facts = CATALOGUE[plan];
  const cells = [
    `\`${plan}\``,
    facts.title,
    facts.memoryMb === null ? (isLocal(plan) ? "`maxMemoryMb`" : "as it has") : size(facts.memoryMb),
    facts.maxConnections === null ? "as it has" : facts.maxConnections.toLocaleString("en-US"),
    price(plan, facts),
    facts.price.kind === "unknown" ? "" : (facts.price.readOn ?? ""),
    facts.retires === undefined ? "" : `ends ${facts.retires.on}; then \`${facts.retires.successor}\``,
  ];
  return `| ${cells.join(" | ")} |`;
}

function size(memoryMb: number): string {
  return memoryMb < 1024 ? `${memoryMb} MB` : `${memoryMb / 1024} GB`;
}

function price(plan: Plan, { price: { kind } }: PlanFacts): string {
  const usd = monthlyUsd(plan);
  if (usd === null) return "`external.monthlyUsd`";
  return kind === "budget" ? `up to ${usd.toFixed(2)}` : usd.toFixed(2);
}
