/** Every setting that an app gets for its cache: the contract between this project and each app. */
import type { Target } from "../../check/target.ts";
import { redisUrl } from "./redis-url.ts";

/** Lifetimes of cached values, in seconds. */
export interface TtlTiers {
  short: number;
  medium: number;
  long: number;
  day: number;
}
export const DEFAULT_TTL: TtlTiers = { short: 60, medium: 300, long: 3600, day: 86_400 };

/** What the kits use where the settings name no prefix. */
export const DEFAULT_PREFIX = "propiq";

export interface Lifetimes extends TtlTiers {
  /** Lifetimes by namespace of a cached function. They override what the code asks for. */
  functions?: Readonly<Record<string, number>> | undefined;
}

export interface AppCache {
  /** False: the app must run without a cache, whatever else the settings say. */
  enabled: boolean;
  target: Target;
  ttl: Lifetimes;
  /** Begins every key of the app. Absent: the app uses its kit's own default. */
  prefix?: string;
}

interface Setting {
  secret: boolean;
  /** One line for a person who reads the generated example. */
  describe: string;
  example: string;
  /**
   * The contract gained it after the first release. Its absence is not a part of the fingerprint, so that settings that
   * were written before keep theirs.
   */
  added?: true;
  /** The value for an app; undefined where the setting does not apply. */
  value: (cache: AppCache) => string | undefined;
}

/** The settings, in the order in which they are written. The fingerprint covers all of them. */
const TABLE = {
  REDIS_ENABLED: {
    secret: false,
    describe: "false: run without a cache (nothing else here is then used)",
    example: "true",
    value: ({ enabled }) => String(enabled),
  },
  REDIS_URL: {
    secret: true,
    describe: "enough on its own, for redis-py as for ioredis; the password in it is percent-encoded",
    example: "redis://127.0.0.1:6379/0",
    value: ({ target }) => redisUrl(target),
  },
  REDIS_HOST: {
    secret: false,
    describe: "the same in pieces, for clients that take no URL",
    example: "127.0.0.1",
    value: ({ target }) => target.host,
  },
  REDIS_PORT: {
    secret: false,
    describe: "",
    example: "6379",
    value: ({ target }) => String(target.port),
  },
  REDIS_DB: {
    secret: false,
    describe: "",
    example: "0",
    value: ({ target }) => String(target.db),
  },
  REDIS_PASSWORD: {
    secret: true,
    describe: "absent or empty where the cache has none; as it is, not encoded",
    example: "",
    value: ({ target }) => target.password,
  },
  REDIS_TLS: {
    secret: false,
    describe: "true: connect with TLS and verify the certificate",
    example: "false",
    value: ({ target }) => String(target.tls),
  },
  CACHE_TTL_SHORT: ttlSetting("short", "seconds that cached values live: four tiers to choose from"),
  CACHE_TTL_MEDIUM: ttlSetting("medium", ""),
  CACHE_TTL_LONG: ttlSetting("long", ""),
  CACHE_TTL_DAY: ttlSetting("day", ""),
  CACHE_TTL_FUNCTIONS: {
    secret: false,
    describe: 'lifetimes in seconds for single functions, by namespace: JSON, such as {"user:profile":1800}',
    example: "",
    added: true,
    value: ({ ttl }) => functionsJson(ttl.functions ?? {}),
  },
  CACHE_PREFIX: {
    secret: false,
    describe: "begins every key, so that several stacks can share one Redis",
    example: DEFAULT_PREFIX,
    added: true,
    value: ({ prefix }) => prefix,
  },
} satisfies Record<string, Setting>;

/** In a fixed order: the same lifetimes must give the same text, and so the same fingerprint. */
function functionsJson(functions: Readonly<Record<string, number>>): string | undefined {
  const entries = Object.entries(functions).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : JSON.stringify(Object.fromEntries(entries));
}

function ttlSetting(tier: keyof TtlTiers, describe: string): Setting {
  return {
    secret: false,
    describe,
    example: String(DEFAULT_TTL[tier]),
    value: ({ ttl }) => String(ttl[tier]),
  };
}

export const FINGERPRINT_KEY = "PROPIQ_CACHE_FINGERPRINT";
export type TableName = keyof typeof TABLE;
export type SettingName = TableName | typeof FINGERPRINT_KEY;
/** Settings by name: what a sink writes. */
export type AppSettings = Partial<Record<SettingName, string>>;

export const ROWS = Object.entries(TABLE) as [TableName, Setting][];
export const SETTING_NAMES: readonly SettingName[] = [...ROWS.map(([name]) => name), FINGERPRINT_KEY];

/** Settings whose values must never be shown. */
export const SECRET_SETTINGS: readonly SettingName[] = ROWS.filter(([, row]) => row.secret).map(
  ([name]) => name,
);
