/**
 * What a stack's config has to say so that a cache which a user made by hand becomes the stack's, with nothing about
 * it changed. Pure.
 */
import type { Target } from "../../check/target.ts";
import type { AzureCache } from "../../infra/azure/list.ts";
import { planOfCache } from "../../infra/caches/azure/plan-of-cache.ts";
import { planOfDatabase } from "../../infra/caches/upstash/wish.ts";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { DEFAULT_PREFIX, DEFAULT_TTL, SETTING_NAMES, type TtlTiers } from "../../infra/contract/table.ts";
import { monthlyUsd, type Plan } from "../../infra/plans/catalogue.ts";
import { firstPrefix } from "../../infra/settings/key-prefix.ts";
import { AZURE_DEFAULTS } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import type { UpstashDatabase } from "../../infra/upstash/database.ts";

type Texts = Readonly<Record<string, string>>;

/** The cache behind an app's settings. */
export type Found =
  | {
      kind: "azure";
      cache: AzureCache;
      /** Which of its keys the app uses; nothing where it is neither. */
      keySlot: "primary" | "secondary" | undefined;
      /** As the stack will reach it. */
      target: Target;
    }
  | { kind: "upstash"; database: UpstashDatabase; target: Target }
  /** Neither, or of a size that is not a plan here: `what` says so. */
  | { kind: "external"; what: string; target: Target };

/** One key below our namespace; without a value it is taken out. */
export interface Change {
  path: readonly [string, ...string[]];
  value?: unknown;
}

export interface Adoption {
  plan: Plan;
  changes: readonly Change[];
  /** What a user should know. */
  notes: readonly string[];
  /** Keys of the app: as they are, with another value, and new. Names only. */
  keys: { same: string[]; changed: string[]; added: string[] };
}

/**
 * @param held the app's settings
 * @param current our keys in the stack's config, as they stand there
 */
export function adoptionOf(
  found: Found,
  held: Texts,
  current: Readonly<Record<string, unknown>>,
  settings: Settings,
): Adoption {
  const { plan, changes, notes } = ROWS[found.kind](found as never, settings);
  const ttl = ttlIn(held);
  const prefix = prefixIn(held);
  const enabled = held["REDIS_ENABLED"] !== "false";
  const wanted: Change[] = [
    { path: ["plan"], value: plan },
    ...changes,
    ...(plan === "external" ? [] : [{ path: ["url"] as const }, { path: ["external"] as const }]),
    // The app keeps its keys, whatever the default of a new stack is.
    { path: ["keyPrefix"], ...(prefix === firstPrefix(settings.stack) ? {} : { value: prefix }) },
    ...Object.entries(ttl).map(([tier, seconds]): Change => ({ path: ["ttl", tier], value: seconds })),
    { path: ["enabled"], ...(enabled ? {} : { value: false }) },
    ...budgetFor(plan, found, settings),
  ];
  return {
    plan,
    changes: wanted.filter((change) => !isSo(change, current)),
    notes: [...notes, ...databaseNote(held), ...prefixNote(held)],
    keys: compared(
      held,
      settingsFor({ enabled, target: found.target, ttl: { ...settings.ttl, ...ttl }, prefix }),
    ),
  };
}

interface Row {
  plan: Plan;
  changes: Change[];
  notes: string[];
}

const ROWS: {
  [Kind in Found["kind"]]: (found: Extract<Found, { kind: Kind }>, settings: Settings) => Row;
} = {
  azure({ cache, keySlot }) {
    const { resourceGroup, location, name } = cache;
    const changes: Change[] = [
      { path: ["azure", "adopt"], value: name },
      { path: ["azure", "resourceGroup"], ...unless(resourceGroup, AZURE_DEFAULTS.resourceGroup) },
      { path: ["azure", "location"], ...unless(location, AZURE_DEFAULTS.location) },
      { path: ["keySlot"], ...unless(keySlot ?? "primary", "primary") },
    ];
    const stale =
      keySlot === undefined
        ? [
            "The password in the app is not one of the cache's two keys (they were changed, or the app signs in with Entra ID): the app gets the primary one.",
          ]
        : [];
    return { plan: planOfCache(cache) ?? "external", changes, notes: stale };
  },
  upstash({ database }) {
    const { id, primaryRegion = "us-east-1", readRegions, budget, plan } = database;
    const changes: Change[] = [
      { path: ["upstash", "adopt"], value: id },
      { path: ["upstash", "primaryRegion"], ...unless(primaryRegion, "us-east-1") },
      ...(readRegions.length === 0
        ? []
        : [{ path: ["upstash", "readRegions"] as const, value: [...readRegions] }]),
      ...(plan === "payg" && budget !== undefined
        ? [{ path: ["upstash", "budget"] as const, value: budget }]
        : []),
    ];
    return { plan: planOfDatabase(database) ?? "external", changes, notes: [] };
  },
  external: ({ what }) => ({
    plan: "external",
    changes: [],
    notes: [`${what}: it is wired by its URL (plan external), which the config holds as a secret.`],
  }),
};

/** A value that is the default need not stand there. */
function unless(value: string, standard: string): { value?: string } {
  return value.toLowerCase() === standard.toLowerCase() ? {} : { value };
}

/** Whether the config says so already. */
function isSo({ path, value }: Change, current: Readonly<Record<string, unknown>>): boolean {
  const there = path.reduce<unknown>(
    (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined),
    current,
  );
  if (value === undefined || there === undefined) return value === there;
  return typeof value === "object"
    ? JSON.stringify(value) === JSON.stringify(there)
    : String(value) === String(there);
}

/** Tiers that the app has and that are not among the defaults. */
function ttlIn(held: Texts): Partial<TtlTiers> {
  const tiers = Object.entries(DEFAULT_TTL) as [keyof TtlTiers, number][];
  return Object.fromEntries(
    tiers.flatMap(([tier, standard]) => {
      const text = held[`CACHE_TTL_${tier.toUpperCase()}`] ?? "";
      const seconds = /^[1-9]\d{0,7}$/.test(text) ? Number(text) : standard;
      return seconds === standard || seconds > 31_536_000 ? [] : [[tier, seconds]];
    }),
  );
}

/** What begins the app's keys today. */
function prefixIn(held: Texts): string {
  const given = held["CACHE_PREFIX"] ?? "";
  return /^[a-z0-9-]{1,32}$/.test(given) ? given : DEFAULT_PREFIX;
}

/** Its keys cannot be kept: a prefix of the config has fewer characters to choose from. */
function prefixNote(held: Texts): string[] {
  const given = held["CACHE_PREFIX"];
  if (given === undefined || given === prefixIn(held)) return [];
  return [
    `The app's CACHE_PREFIX is not a valid keyPrefix. The app gets ${prefixIn(held)}, and does not find its cached values.`,
  ];
}

/** What is paid already is not a reason to refuse. */
function budgetFor(plan: Plan, found: Found, settings: Settings): Change[] {
  const { monthlyBudgetUsd, standby, upstash, external } = settings;
  if (monthlyBudgetUsd === undefined) return [];
  const budgetUsd = (found.kind === "upstash" ? found.database.budget : undefined) ?? upstash?.budget;
  const given = {
    ...(budgetUsd === undefined ? {} : { budgetUsd }),
    ...(external?.monthlyUsd === undefined ? {} : { statedUsd: external.monthlyUsd }),
  };
  const cost = [plan, ...standby].reduce((sum, each) => sum + (monthlyUsd(each, given) ?? 0), 0);
  return cost > monthlyBudgetUsd ? [{ path: ["monthlyBudgetUsd"], value: Math.ceil(cost) }] : [];
}

/** Another database than 0 is another cache to the app: what is in it is not found any more. */
function databaseNote(held: Texts): string[] {
  const db = held["REDIS_DB"] ?? /\/(\d+)(?:\?|$)/.exec(held["REDIS_URL"] ?? "")?.[1] ?? "0";
  if (!/^\d+$/.test(db) || Number(db) === 0) return [];
  return [`The app uses database ${db} of the cache, and will use database 0: it starts empty there.`];
}

function compared(held: Texts, wanted: Readonly<Record<string, string | undefined>>): Adoption["keys"] {
  const names = SETTING_NAMES.filter((name) => wanted[name] !== undefined || held[name] !== undefined);
  const sorted = (test: (name: string) => boolean): string[] => names.filter(test);
  return {
    same: sorted((name) => held[name] === wanted[name]),
    changed: sorted((name) => held[name] !== undefined && held[name] !== wanted[name]),
    added: sorted((name) => held[name] === undefined && wanted[name] !== undefined),
  };
}
