/**
 * What plans allow besides data and connections, and what using them costs: only an advice needs it.
 * Upstash: its pricing page, read 2026-11. Azure Managed Redis: "about 20% of the memory is reserved"
 * (learn.microsoft.com, Azure Managed Redis planning, read 2026-11).
 */
import { CATALOGUE, type Plan, type PlanFacts } from "../../infra/plans/catalogue.ts";

export interface Allowance {
  commandsPerMonth?: number;
  /** GB sent and received. */
  trafficGbPerMonth?: number;
}

export const ALLOWANCES: Readonly<Partial<Record<Plan, Allowance>>> = {
  "upstash-free": { commandsPerMonth: 500_000, trafficGbPerMonth: 10 },
  "upstash-fixed-250mb": { trafficGbPerMonth: 50 },
  "upstash-fixed-1gb": { trafficGbPerMonth: 100 },
};

/** Of the memory that the plan names, what is not there for data. */
const RESERVED: Readonly<Partial<Record<PlanFacts["provider"], number>>> = { "azure-managed": 0.2 };

/** @returns MB for data; null where the plan does not say */
export function usableMb(plan: Plan): number | null {
  const { memoryMb, provider } = CATALOGUE[plan];
  return memoryMb === null ? null : memoryMb * (1 - (RESERVED[provider] ?? 0));
}

export function isHighlyAvailable(plan: Plan): boolean {
  return plan.startsWith("azure-standard-") || plan.endsWith("-ha");
}

/** Upstash, pay as you go: each 100,000 commands, and each GB of data after the first. */
const PAYG = { usdPer100kCommands: 0.2, usdPerGb: 0.25, freeGb: 1 };

/** What a month of pay as you go would cost, in US dollars. */
export function paygUsd(commandsPerMonth: number, dataMb: number): number {
  const storedGb = Math.max(0, dataMb / 1024 - PAYG.freeGb);
  return (commandsPerMonth / 100_000) * PAYG.usdPer100kCommands + storedGb * PAYG.usdPerGb;
}
