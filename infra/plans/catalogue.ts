/**
 * Every plan as data: what it is, what it holds, what it costs and how long it will live.
 * Nothing here is decided; everything that depends on a plan is looked up here.
 *
 * Prices in US dollars a month, limits as the providers state them:
 * - Upstash: its pricing page, read 2026-11.
 * - Azure Cache for Redis: Azure's public price list, East US, read 2026-08; C1 Basic is the figure
 *   of the guide that this project implements.
 * - Azure Managed Redis: Azure's public price list, East US 2, read 2026-08.
 */

export const PLANS = [
  "docker",
  "native",
  "upstash-free",
  "upstash-payg",
  "upstash-fixed-250mb",
  "upstash-fixed-1gb",
  "azure-c0",
  "azure-c1",
  "azure-standard-c0",
  "azure-standard-c1",
  "azure-managed-b0",
  "azure-managed-b1",
  "azure-managed-b0-ha",
  "azure-managed-b1-ha",
  "external",
] as const;
export type Plan = (typeof PLANS)[number];

/** Who runs the cache. `azure` is Azure Cache for Redis, `azure-managed` its successor Azure Managed Redis. */
export type Provider = "docker" | "native" | "upstash" | "azure" | "azure-managed" | "external";

/** What a month costs: a fixed sum, the budget that caps it, or unknown to us. */
export type Price =
  | { kind: "fixed"; usd: number }
  | { kind: "budget"; defaultUsd: number }
  | { kind: "unknown" };

export interface PlanFacts {
  provider: Provider;
  /** What people call it, in messages. */
  title: string;
  /** Data that fits, in MB; null where the plan does not say. */
  memoryMb: number | null;
  maxConnections: number | null;
  /** Commands that the plan allows in a month; absent where it counts none, or bills each. */
  commandsPerMonth?: number;
  price: Price;
  /** The month in which price and limits were read, YYYY-MM; absent for plans without a price list. */
  readOn?: string;
  /** Set when the provider has announced the end of the product. */
  retires?: { on: string; successor: Plan };
}

const free: Price = { kind: "fixed", usd: 0 };
const usd = (amount: number): Price => ({ kind: "fixed", usd: amount });

/** Azure Cache for Redis: closed to tenants that had none before 2026-04-01, gone after this day. */
const azureCacheEndsOn = "2028-09-30";

export const CATALOGUE: Readonly<Record<Plan, PlanFacts>> = {
  docker: {
    provider: "docker",
    title: "Redis in Docker on this machine",
    memoryMb: null,
    maxConnections: 10_000,
    price: free,
  },
  native: {
    provider: "native",
    title: "redis-server on this machine",
    memoryMb: null,
    maxConnections: 10_000,
    price: free,
  },
  "upstash-free": {
    provider: "upstash",
    title: "Upstash Free",
    memoryMb: 256,
    maxConnections: 10_000,
    commandsPerMonth: 500_000,
    price: free,
    readOn: "2026-11",
  },
  "upstash-payg": {
    provider: "upstash",
    title: "Upstash Pay as you go",
    memoryMb: 102_400,
    maxConnections: 10_000,
    // The Upstash provider's own default budget.
    price: { kind: "budget", defaultUsd: 20 },
    readOn: "2026-11",
  },
  "upstash-fixed-250mb": {
    provider: "upstash",
    title: "Upstash Fixed 250 MB",
    memoryMb: 250,
    maxConnections: 10_000,
    price: usd(10),
    readOn: "2026-11",
  },
  "upstash-fixed-1gb": {
    provider: "upstash",
    title: "Upstash Fixed 1 GB",
    memoryMb: 1024,
    maxConnections: 10_000,
    price: usd(20),
    readOn: "2026-11",
  },
  "azure-c0": {
    provider: "azure",
    title: "Azure Cache for Redis Basic C0",
    memoryMb: 250,
    maxConnections: 256,
    price: usd(16.06),
    readOn: "2026-08",
    retires: { on: azureCacheEndsOn, successor: "azure-managed-b0" },
  },
  "azure-c1": {
    provider: "azure",
    title: "Azure Cache for Redis Basic C1",
    memoryMb: 1024,
    maxConnections: 1000,
    price: usd(55),
    readOn: "2025-11",
    retires: { on: azureCacheEndsOn, successor: "azure-managed-b1" },
  },
  "azure-standard-c0": {
    provider: "azure",
    title: "Azure Cache for Redis Standard C0",
    memoryMb: 250,
    maxConnections: 256,
    price: usd(40.15),
    readOn: "2026-08",
    retires: { on: azureCacheEndsOn, successor: "azure-managed-b0-ha" },
  },
  "azure-standard-c1": {
    provider: "azure",
    title: "Azure Cache for Redis Standard C1",
    memoryMb: 1024,
    maxConnections: 1000,
    price: usd(100.74),
    readOn: "2026-08",
    retires: { on: azureCacheEndsOn, successor: "azure-managed-b1-ha" },
  },
  "azure-managed-b0": {
    provider: "azure-managed",
    title: "Azure Managed Redis B0",
    memoryMb: 512,
    maxConnections: 15_000,
    price: usd(11.68),
    readOn: "2026-08",
  },
  "azure-managed-b1": {
    provider: "azure-managed",
    title: "Azure Managed Redis B1",
    memoryMb: 1024,
    maxConnections: 15_000,
    price: usd(23.36),
    readOn: "2026-08",
  },
  "azure-managed-b0-ha": {
    provider: "azure-managed",
    title: "Azure Managed Redis B0, highly available",
    memoryMb: 512,
    maxConnections: 15_000,
    price: usd(23.36),
    readOn: "2026-08",
  },
  "azure-managed-b1-ha": {
    provider: "azure-managed",
    title: "Azure Managed Redis B1, highly available",
    memoryMb: 1024,
    maxConnections: 15_000,
    price: usd(46.72),
    readOn: "2026-08",
  },
  external: {
    provider: "external",
    title: "a Redis that exists already",
    memoryMb: null,
    maxConnections: null,
    price: { kind: "unknown" },
  },
};

/** Plans whose cache runs on the machine of the person who deploys. */
export function isLocal(plan: Plan): boolean {
  const { provider } = CATALOGUE[plan];
  return provider === "docker" || provider === "native";
}

/**
 * What one month of a plan costs, in US dollars; null where nobody told us.
 * @param budgetUsd the stack's own cap for a plan that is billed by use
 * @param statedUsd what the stack says its external cache costs
 */
export function monthlyUsd(
  plan: Plan,
  given: { budgetUsd?: number; statedUsd?: number } = {},
): number | null {
  const { price } = CATALOGUE[plan];
  switch (price.kind) {
    case "fixed":
      return price.usd;
    case "budget":
      return given.budgetUsd ?? price.defaultUsd;
    case "unknown":
      return given.statedUsd ?? null;
  }
}

/**
 * The family of a plan: plans of one family share one cache, whose size or billing then changes.
 * A cache's identity, and so its name in the cloud, depends on it alone.
 */
export function familyOf(plan: Plan): string {
  return CATALOGUE[plan].provider === "upstash" ? "upstash" : plan;
}
