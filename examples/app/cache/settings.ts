/**
 * The settings that say where the cache is and how long values live. All that the kit reads of the environment:
 * REDIS_ENABLED, REDIS_URL (or REDIS_HOST, REDIS_PORT, REDIS_DB, REDIS_TLS), REDIS_PASSWORD, CACHE_TTL_*,
 * PROPIQ_CACHE_FINGERPRINT.
 */

export type Tier = "short" | "medium" | "long" | "day";

/** What ioredis is told of the server. */
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
}

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_TTL: Readonly<Record<Tier, number>> = { short: 60, medium: 300, long: 3600, day: 86_400 };
const OFF = /^(false|0|no)$/i;
const ON = /^(true|1|yes)$/i;

/** Reads the settings. Never throws: with settings that make no sense the app runs without a cache, and says so. */
export function readSettings(env: Environment): CacheSettings {
  const common = { ttl: ttlOf(env), fingerprint: given(env, "PROPIQ_CACHE_FINGERPRINT") ?? null };
  if (OFF.test(given(env, "REDIS_ENABLED") ?? "true")) return { enabled: false, ...common };
  try {
    return { enabled: true, server: serverOf(env), ...common };
  } catch (error) {
    return { enabled: true, problem: error instanceof Error ? error.message : String(error), ...common };
  }
}

function serverOf(env: Environment): Server {
  if (!ON.test(given(env, "REDIS_ENABLED") ?? "true")) throw new Error("REDIS_ENABLED must be true or false");
  const url = given(env, "REDIS_URL");
  // As it is: blanks at its ends may belong to it.
  const password = env["REDIS_PASSWORD"] ? { password: env["REDIS_PASSWORD"] } : {};
  if (url !== undefined) return { ...password, ...parseUrl(url) };
  const host = given(env, "REDIS_HOST");
  if (host === undefined) throw new Error("neither REDIS_URL nor REDIS_HOST is set");
  const tls = given(env, "REDIS_TLS") ?? "false";
  if (!ON.test(tls) && !OFF.test(tls)) throw new Error("REDIS_TLS must be true or false");
  return {
    host,
    port: whole(env, "REDIS_PORT", 1, 65_535) ?? 6379,
    db: whole(env, "REDIS_DB", 0, 99_999) ?? 0,
    tls: ON.test(tls),
    ...password,
  };
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
