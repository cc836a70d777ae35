/**
 * One record for each plan: what it is, what it holds, what it costs and how long it lives. Nothing is decided here, and
 * no other table says anything about a plan.
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

/** Where a price was read. */
interface PriceSource {
  /** YYYY-MM; the limits of the plan are of the same month. */
  readOn: string;
  source: string;
}

/** What a month costs, in US dollars: a fixed sum, use up to a budget, or unknown. */
export type Price =
  | ({ kind: "fixed"; usd: number } & Partial<PriceSource>)
  | ({ kind: "budget"; defaultUsd: number; use: UsePrice } & PriceSource)
  | ({ kind: "unknown" } & Partial<PriceSource>);

interface UsePrice {
  usdPer100kCommands: number;
  usdPerGb: number;
  /** GB of data that are free. */
  freeGb: number;
}

/** What a month of the plan includes. A limit that is absent does not exist. */
export interface Allowance {
  commandsPerMonth?: number;
  /** GB sent and received. */
  trafficGbPerMonth?: number;
}

/** The plan to grow to, by what runs out. Each is in the same cloud and as available. */
export interface LargerPlans {
  memory?: Plan;
  connections?: Plan;
  allowance?: Plan;
}

export interface RedisSku {
  name: "Basic" | "Standard";
  family: "C";
  capacity: 0 | 1;
}
export interface ManagedSku {
  name: "Balanced_B0" | "Balanced_B1";
  highAvailability: "Enabled" | "Disabled";
}
export type UpstashSku = "free" | "payg" | "fixed_250mb" | "fixed_1gb";

interface Facts {
  /** What people call it, in messages. */
  title: string;
  /** The memory that the plan names, in MB; null where it names none. */
  memoryMb: number | null;
  /** The part of that memory which is not for data. */
  reservedShare?: number;
  maxConnections: number | null;
  allowance?: Allowance;
  price: Price;
  highAvailability: boolean;
  larger?: LargerPlans;
  /** The other size of the same kind: for a region without capacity. */
  otherSize?: Plan;
  /** Set when the provider has announced the end of the product. */
  retires?: { on: string; successor: Plan };
}

interface SkuByProvider {
  azure: RedisSku;
  "azure-managed": ManagedSku;
  upstash: UpstashSku;
}

/** What the provider calls the plan. */
type Sku =
  | { [P in keyof SkuByProvider]: { provider: P; sku: SkuByProvider[P] } }[keyof SkuByProvider]
  | { provider: Exclude<Provider, keyof SkuByProvider> };

export type PlanFacts = Facts & Sku;

/** Azure Cache for Redis: closed to tenants that had none before 2026-04-01, and ends on this day. */
const AZURE_CACHE_ENDS_ON = "2028-09-30";
/** "About 20% of the memory is reserved" (learn.microsoft.com, Azure Managed Redis planning, read 2026-11). */
const MANAGED_RESERVED_SHARE = 0.2;

const UPSTASH_PRICES: PriceSource = { readOn: "2026-11", source: "Upstash's pricing page" };
const AZURE_PRICES: PriceSource = { readOn: "2026-08", source: "Azure's public price list, East US" };
const GUIDE_PRICES: PriceSource = { readOn: "2025-11", source: "the guide that this project implements" };
const MANAGED_PRICES: PriceSource = { readOn: "2026-08", source: "Azure's public price list, East US 2" };

const FREE: Price = { kind: "fixed", usd: 0 };
const fixed = (usd: number, from: PriceSource): Price => ({ kind: "fixed", usd, ...from });

const LOCAL = { memoryMb: null, maxConnections: 10_000, price: FREE, highAvailability: false } as const;
const UPSTASH = { provider: "upstash", maxConnections: 10_000, highAvailability: false } as const;
const MANAGED = {
  provider: "azure-managed",
  maxConnections: 15_000,
  reservedShare: MANAGED_RESERVED_SHARE,
} as const;

export const CATALOGUE: Readonly<Record<Plan, PlanFacts>> = {
  docker: { ...LOCAL, provider: "docker", title: "Redis in Docker on this machine" },
  native: { ...LOCAL, provider: "native", title: "redis-server on this machine" },
  "upstash-free": {
    ...UPSTASH,
    sku: "free",
    title: "Upstash Free",
    memoryMb: 256,
    allowance: { commandsPerMonth: 500_000, trafficGbPerMonth: 10 },
    price: fixed(0, UPSTASH_PRICES),
    larger: { memory: "upstash-fixed-1gb", allowance: "upstash-payg" },
  },
  "upstash-payg": {
    ...UPSTASH,
    sku: "payg",
    title: "Upstash Pay as you go",
    memoryMb: 102_400,
    price: {
      kind: "budget",
      // The Upstash provider's own default budget.
      defaultUsd: 20,
      use: { usdPer100kCommands: 0.2, usdPerGb: 0.25, freeGb: 1 },
      ...UPSTASH_PRICES,
    },
  },
  "upstash-fixed-250mb": {
    ...UPSTASH,
    sku: "fixed_250mb",
    title: "Upstash Fixed 250 MB",
    memoryMb: 250,
    allowance: { trafficGbPerMonth: 50 },
    price: fixed(10, UPSTASH_PRICES),
    larger: { memory: "upstash-fixed-1gb", allowance: "upstash-payg" },
  },
  "upstash-fixed-1gb": {
    ...UPSTASH,
    sku: "fixed_1gb",
    title: "Upstash Fixed 1 GB",
    memoryMb: 1024,
    allowance: { trafficGbPerMonth: 100 },
    price: fixed(20, UPSTASH_PRICES),
    larger: { memory: "upstash-payg", allowance: "upstash-payg" },
  },
  "azure-c0": {
    provider: "azure",
    sku: { name: "Basic", family: "C", capacity: 0 },
    title: "Azure Cache for Redis Basic C0",
    memoryMb: 250,
    maxConnections: 256,
    price: fixed(16.06, AZURE_PRICES),
    highAvailability: false,
    larger: { memory: "azure-managed-b1", connections: "azure-managed-b0" },
    otherSize: "azure-c1",
    retires: { on: AZURE_CACHE_ENDS_ON, successor: "azure-managed-b0" },
  },
  "azure-c1": {
    provider: "azure",
    sku: { name: "Basic", family: "C", capacity: 1 },
    title: "Azure Cache for Redis Basic C1",
    memoryMb: 1024,
    maxConnections: 1000,
    price: fixed(55, GUIDE_PRICES),
    highAvailability: false,
    larger: { connections: "azure-managed-b1" },
    otherSize: "azure-c0",
    retires: { on: AZURE_CACHE_ENDS_ON, successor: "azure-managed-b1" },
  },
  "azure-standard-c0": {
    provider: "azure",
    sku: { name: "Standard", family: "C", capacity: 0 },
    title: "Azure Cache for Redis Standard C0",
    memoryMb: 250,
    maxConnections: 256,
    price: fixed(40.15, AZURE_PRICES),
    highAvailability: true,
    larger: { memory: "azure-managed-b1-ha", connections: "azure-managed-b0-ha" },
    otherSize: "azure-standard-c1",
    retires: { on: AZURE_CACHE_ENDS_ON, successor: "azure-managed-b0-ha" },
  },
  "azure-standard-c1": {
    provider: "azure",
    sku: { name: "Standard", family: "C", capacity: 1 },
    title: "Azure Cache for Redis Standard C1",
    memoryMb: 1024,
    maxConnections: 1000,
    price: fixed(100.74, AZURE_PRICES),
    highAvailability: true,
    larger: { connections: "azure-managed-b1-ha" },
    otherSize: "azure-standard-c0",
    retires: { on: AZURE_CACHE_ENDS_ON, successor: "azure-managed-b1-ha" },
  },
  // Without high availability there is no SLA, at half the price.
  "azure-managed-b0": {
    ...MANAGED,
    sku: { name: "Balanced_B0", highAvailability: "Disabled" },
    title: "Azure Managed Redis B0",
    memoryMb: 512,
    price: fixed(11.68, MANAGED_PRICES),
    highAvailability: false,
    larger: { memory: "azure-managed-b1" },
    otherSize: "azure-managed-b1",
  },
  "azure-managed-b1": {
    ...MANAGED,
    sku: { name: "Balanced_B1", highAvailability: "Disabled" },
    title: "Azure Managed Redis B1",
    memoryMb: 1024,
    price: fixed(23.36, MANAGED_PRICES),
    highAvailability: false,
    otherSize: "azure-managed-b0",
  },
  "azure-managed-b0-ha": {
    ...MANAGED,
    sku: { name: "Balanced_B0", highAvailability: "Enabled" },
    title: "Azure Managed Redis B0, highly available",
    memoryMb: 512,
    price: fixed(23.36, MANAGED_PRICES),
    highAvailability: true,
    larger: { memory: "azure-managed-b1-ha" },
    otherSize: "azure-managed-b1-ha",
  },
  "azure-managed-b1-ha": {
    ...MANAGED,
    sku: { name: "Balanced_B1", highAvailability: "Enabled" },
    title: "Azure Managed Redis B1, highly available",
    memoryMb: 1024,
    price: fixed(46.72, MANAGED_PRICES),
    highAvailability: true,
    otherSize: "azure-managed-b0-ha",
  },
  external: {
    provider: "external",
    title: "an existing Redis",
    memoryMb: null,
    maxConnections: null,
    price: { kind: "unknown" },
    highAvailability: false,
  },
};

/** @returns what the provider calls the plan; undefined for a plan of another provider */
export function skuOf<P extends keyof SkuByProvider>(provider: P, plan: Plan): SkuByProvider[P] | undefined {
  const facts = CATALOGUE[plan];
  return facts.provider === provider && "sku" in facts ? (facts.sku as SkuByProvider[P]) : undefined;
}

/** Where a provider's caches run. */
export type Cloud = "local" | "azure" | "upstash" | "elsewhere";

const CLOUDS: Readonly<Record<Provider, Cloud>> = {
  docker: "local",
  native: "local",
  upstash: "upstash",
  azure: "azure",
  "azure-managed": "azure",
  external: "elsewhere",
};

export function cloudOf(plan: Plan): Cloud {
  return CLOUDS[CATALOGUE[plan].provider];
}

export function isIn(cloud: Cloud, plan: Plan): boolean {
  return cloudOf(plan) === cloud;
}

/** @returns the plans to grow to; empty for the largest plans, and for a name that is not a plan */
export function largerPlans(plan: string): LargerPlans {
  const known = PLANS.find((each) => each === plan);
  return known === undefined ? {} : (CATALOGUE[known].larger ?? {});
}

/** MB for data; null where the plan names no memory. */
export function dataMb(plan: Plan): number | null {
  const { memoryMb, reservedShare = 0 } = CATALOGUE[plan];
  return memoryMb === null ? null : memoryMb * (1 - reservedShare);
}

/** What a month of pay as you go costs at this use, in US dollars. */
export function useUsd(
  { usdPer100kCommands, usdPerGb, freeGb }: UsePrice,
  use: { commandsPerMonth: number; dataMb: number },
): number {
  const storedGb = Math.max(0, use.dataMb / 1024 - freeGb);
  return (use.commandsPerMonth / 100_000) * usdPer100kCommands + storedGb * usdPerGb;
}

/** Plans whose cache runs on the machine of the person who deploys. */
export function isLocal(plan: Plan): boolean {
  return isIn("local", plan);
}

/**
 * What one month of a plan costs, in US dollars; null where it is unknown.
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
  return isIn("upstash", plan) ? "upstash" : plan;
}
