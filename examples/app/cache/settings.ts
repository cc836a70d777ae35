/**
 * The settings that say where the cache is and how long values live. All that the kit reads of the environment:
 * REDIS_ENABLED, REDIS_URL (or REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_TLS), REDIS_USERNAME, REDIS_PASSWORD,
 * CACHE_TTL_*,
 * CACHE_TTL_FUNCTIONS, CACHE_PREFIX, PROPIQ_CACHE_FINGERPRINT. An empty setting is an absent one.
 */

export type Tier = "short" | "medium" | "long" | "day";

/** What ioredis knows about the server. */
export interface Server {
  host: string;
  port: number;
  db: number;
  username?: string;
  password?: string;
  /** Its certificate is verified, always. */
  tls: boolean;
}

export interface CacheSettings {
  enabled: boolean;
  /** Absent where the cache is off, or where `problem` says why there is none to use. */
  server?: Server;
  /** Names keys, never values. */
  problem?: string;
  /** Seconds. */
  ttl: Readonly<Record<Tier, number>>;
  /** Names these settings; the health document echoes it. */
  fingerprint: string | null;
  /** Begins every key, so that several apps and stacks can share a Redis. */
  prefix: string;
  /** Seconds, by namespace: what an operator has chosen in place of the lifetime in the code. */
  ttlFunctions: Readonly<Record<string, number>>;
  /** Settings that are ignored, and why. */
  notes: readonly string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_TTL: Readonly<Record<Tier, number>> = { short: 60, medium: 300, long: 3600, day: 86_400 };
const DEFAULT_PREFIX = "propiq";
const PREFIX = /^[a-z0-9-]{1,32}$/;
const OFF = /^(false|0|no)$/i;
const ON = /^(true|1|yes)$/i;

/** Reads the settings. Never throws: with settings that are not valid the app runs without a cache, and says so. */
export function readSettings(env: Environment): CacheSettings {
  const prefix = given(env, "CACHE_PREFIX") ?? DEFAULT_PREFIX;
  const common = {
    ttl: ttlOf(env),
    fingerprint: given(env, "PROPIQ_CACHE_FINGERPRINT") ?? null,
    prefix,
    ...ttlFunctionsOf(env),
  };
  if (OFF.test(given(env, "REDIS_ENABLED") ?? "true")) return { enabled: false, ...common };
  try {
    const server = serverOf(env);
    if (!PREFIX.test(prefix)) throw new Error("CACHE_PREFIX must be 1 to 32 characters of a-z, 0-9 and -");
    return { enabled: true, server, ...common };
  } catch (error) {
    return { enabled: true, problem: error instanceof Error ? error.message : String(error), ...common };
  }
}

function serverOf(env: Environment): Server {
  if (!ON.test(given(env, "REDIS_ENABLED") ?? "true")) throw new Error("REDIS_ENABLED must be true or false");
  const url = given(env, "REDIS_URL");
  const beside = signInOf(env);
  if (url !== undefined) {
    const own = parseUrl(url);
    return own.password === undefined ? { ...beside, ...own } : own;
  }
  const host = given(env, "REDIS_HOST");
  if (host === undefined) throw new Error("neither REDIS_URL nor REDIS_HOST is set");
  const tls = given(env, "REDIS_TLS") ?? "false";
  if (!ON.test(tls) && !OFF.test(tls)) throw new Error("REDIS_TLS must be true or false");
  return {
    host,
    port: whole(env, "REDIS_PORT", 1, 65_535) ?? 6379,
    db: whole(env, "REDIS_DB", 0, 99_999) ?? 0,
    tls: ON.test(tls),
    ...beside,
  };
}

/** The sign-in that stands beside a URL, or beside a host. */
function signInOf(env: Environment): Pick<Server, "username" | "password"> {
  // As it is: blanks at its ends may belong to it.
  const password = env["REDIS_PASSWORD"];
  const username = given(env, "REDIS_USERNAME");
  return password ? { password, ...(username === undefined ? {} : { username }) } : {};
}

/**
 * Taken apart here and not by ioredis, to which every query parameter is an option that beats all others:
 * `?ssl_cert_reqs=required` is for redis-py, and `?tls=` would turn TLS off.
 */
function parseUrl(text: string): Server {
  const [, scheme] = /^(rediss?):\/\/(?=[^/?#])/i.exec(text) ?? [];
  if (scheme === undefined) throw new Error("REDIS_URL must start with redis:// or rediss://");
  try {
    // "http" has the rules for hosts and ports that a scheme unknown to URL lacks. Its own port, 80, is dropped.
    const url = new URL(text.replace(/^rediss?:/i, "http:"));
    const db = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
    if (db === undefined) throw new Error("a path that is no database number");
    const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    return {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? (/:80(?=[/?#]|$)/.test(text.slice(8)) ? 80 : 6379) : Number(url.port),
      db: Number(db),
      tls: scheme.toLowerCase() === "rediss",
      ...(username === "" ? {} : { username }),
      ...(password === "" ? {} : { password }),
    };
  } catch {
    // What URL says repeats the text, and the text may hold a password.
    throw new Error("REDIS_URL must be like rediss://:password@host:6380/0, its password percent-encoded");
  }
}

function ttlOf(env: Environment): Record<Tier, number> {
  const seconds = (tier: Tier): number => {
    const value = given(env, `CACHE_TTL_${tier.toUpperCase()}`) ?? "";
    return /^[1-9]\d{0,8}$/.test(value) ? Number(value) : DEFAULT_TTL[tier];
  };
  return { short: seconds("short"), medium: seconds("medium"), long: seconds("long"), day: seconds("day") };
}

function ttlFunctionsOf(env: Environment): Pick<CacheSettings, "ttlFunctions" | "notes"> {
  const text = given(env, "CACHE_TTL_FUNCTIONS");
  if (text === undefined) return { ttlFunctions: {}, notes: [] };
  const read = objectOf(text);
  if (read === undefined) {
    const note = 'CACHE_TTL_FUNCTIONS is ignored: it must be JSON like {"user:profile": 1800}';
    return { ttlFunctions: {}, notes: [note] };
  }
  const all = Object.entries(read);
  const fine = all.filter((entry): entry is [string, number] => isSeconds(entry[1]));
  const ignored = all.length - fine.length;
  const note = `CACHE_TTL_FUNCTIONS: ${ignored} of ${all.length} ignored: seconds must be whole and above 0`;
  return { ttlFunctions: Object.fromEntries(fine), notes: ignored === 0 ? [] : [note] };
}

const isSeconds = (value: unknown) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 1e9;

function objectOf(text: string): object | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function given(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

function whole(env: Environment, name: string, min: number, max: number): number | undefined {
  const text = given(env, name);
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw new Error(`${name} must be a number from ${min} to ${max}`);
  return value;
}
