/**
 * How an app reaches its cache, and the REDIS_* settings that say so: the contract between this project and
 * every app. Written by `settingsFor`, read back in all its forms by `readSettings`.
 */
import { createHash, scryptSync } from "node:crypto";
import type { Target } from "../../check/target.ts";

/** Seconds that the app's four kinds of cached values live. */
export interface TtlTiers {
  short: number;
  medium: number;
  long: number;
  day: number;
}
export const DEFAULT_TTL: TtlTiers = { short: 60, medium: 300, long: 3600, day: 86_400 };

export interface AppCache {
  /** False: the app must run without a cache, whatever else the settings say. */
  enabled: boolean;
  target: Target;
  ttl: TtlTiers;
}

interface Setting {
  secret: boolean;
  /** One line for a person who reads the generated example. */
  describe: string;
  example: string;
  /** The value for an app, or nothing where the setting does not apply. */
  value: (cache: AppCache) => string | undefined;
}

/** The settings, in the order in which they are written. The fingerprint follows from all of them. */
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
    describe: "absent where the cache has none; as it is, not encoded",
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
} satisfies Record<string, Setting>;

function ttlSetting(tier: keyof TtlTiers, describe: string): Setting {
  return {
    secret: false,
    describe,
    example: String(DEFAULT_TTL[tier]),
    value: ({ ttl }) => String(ttl[tier]),
  };
}

export const FINGERPRINT_KEY = "PROPIQ_CACHE_FINGERPRINT";
export type SettingName = keyof typeof TABLE | typeof FINGERPRINT_KEY;
/** Settings by name: what a sink writes. */
export type AppSettings = Partial<Record<SettingName, string>>;

const ROWS = Object.entries(TABLE) as [keyof typeof TABLE, Setting][];
export const SETTING_NAMES: readonly SettingName[] = [...ROWS.map(([name]) => name), FINGERPRINT_KEY];

/** Settings whose values must never be shown. */
export const SECRET_SETTINGS: readonly SettingName[] = ROWS.filter(([, row]) => row.secret).map(
  ([name]) => name,
);

/** The settings of an app for its cache. */
export function settingsFor(cache: AppCache): AppSettings {
  const settings: AppSettings = {};
  for (const [name, row] of ROWS) {
    const value = row.value(cache);
    if (value !== undefined) settings[name] = value;
  }
  settings[FINGERPRINT_KEY] = fingerprintOf(settings);
  return settings;
}

/**
 * Names a set of settings without giving them away: the same settings have the same fingerprint, and an app that
 * echoes it has read these and no others. Not secret, so the secrets in it go through scrypt: nobody finds a
 * short password by trying.
 */
export function fingerprintOf(settings: AppSettings): string {
  const plain = createHash("sha256");
  const secret = createHash("sha256");
  for (const [name, row] of ROWS) {
    (row.secret ? secret : plain).update(`${name}=${settings[name] ?? ""}\0`);
  }
  const salt = plain.digest();
  return scryptSync(secret.digest(), salt, 8, { N: 4096, r: 8, p: 1 }).toString("hex");
}

/**
 * The URL of a cache in the one form that redis-py and ioredis read alike: password percent-encoded, no user name
 * unless there is one, the database always written, and with TLS the query that makes redis-py verify
 * (it means nothing to ioredis, which always does; on a plain URL redis-py refuses it).
 */
export function redisUrl(target: Target): string {
  const host = target.host.includes(":") ? `[${target.host}]` : target.host;
  const { username, password } = target;
  const user = username === undefined ? "" : encodeURIComponent(username);
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`;
  const login = user + secret === "" ? "" : `${user}${secret}@`;
  const scheme = target.tls ? "rediss" : "redis";
  const query = target.tls ? "?ssl_cert_reqs=required" : "";
  return `${scheme}://${login}${host}:${target.port}/${target.db}${query}`;
}

/** Why a text is no Redis URL. The words never repeat the text, which may hold a password. */
export class UrlError extends Error {
  override readonly name = "UrlError";
}

/**
 * Reads a Redis URL as both clients would; query parameters are left aside (ioredis would take them for options).
 * @throws UrlError in words that fit behind "must be …"
 */
export function parseRedisUrl(text: string): Target {
  const match = /^(rediss?):\/\/(?=[^/?#\\])/i.exec(text.trim());
  if (!match) {
    throw new UrlError(
      /^rediss?:\/\//i.test(text.trim())
        ? "must name a host behind redis:// or rediss:// (a socket's path is none)"
        : "must start with redis:// or rediss:// (with TLS)",
    );
  }
  let url: URL;
  let username: string;
  let password: string;
  try {
    // URL knows the parts of "http"; of a scheme that it does not know it would check less (an empty host, any port).
    url = new URL(text.trim().replace(/^rediss?:/i, "http:"));
    username = decodeURIComponent(url.username);
    password = decodeURIComponent(url.password);
  } catch {
    throw new UrlError(
      "must be a URL like rediss://:password@host:6380/0, the password percent-encoded and the port from 1 to 65535",
    );
  }
  if ((url.search + url.hash).includes("@") || url.searchParams.has("password")) {
    throw new UrlError("must have its password before the host, percent-encoded");
  }
  const tls = match[1]?.toLowerCase() === "rediss";
  const db = databaseOf(url.pathname);
  const port = portOf(text.trim(), url);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    tls,
    db,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
  };
}

function databaseOf(path: string): number {
  if (path === "" || path === "/") return 0;
  if (!/^\/\d{1,5}$/.test(path))
    throw new UrlError("must end in /N, the number of the database (usually /0), or in none");
  return Number(path.slice(1));
}

function portOf(text: string, url: URL): number {
  // URL drops "http"'s own port, 80: then it stands in the text.
  const port = url.port === "" ? (/:80(?:[/?#]|$)/.test(text.slice(8)) ? 80 : 6379) : Number(url.port);
  if (port < 1) throw new UrlError("must have a port from 1 to 65535");
  return port;
}

/** What settings say: a cache to use, or that the app runs without one. */
export type ReadSettings = { enabled: boolean; target?: Target };

/** Settings that say nothing usable, in words that name the keys and never a value. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

/**
 * Reads the settings of an app, however they were written: a whole URL; a URL without password and
 * REDIS_PASSWORD beside it; host and port without a URL; or REDIS_ENABLED=false.
 * @param settings any bag of texts: an environment, an env file, an App Service's settings
 * @throws SettingsError
 */
export function readSettings(settings: Readonly<Record<string, string | undefined>>): ReadSettings {
  const given = (name: keyof typeof TABLE): string | undefined => {
    const value = settings[name]?.trim();
    return value === "" ? undefined : value;
  };
  const enabled = flag("REDIS_ENABLED", given("REDIS_ENABLED")) ?? true;
  // Of a cache that is switched off nothing else need make sense.
  if (!enabled) return { enabled, ...targetIfAny(() => targetOf(given, settings["REDIS_PASSWORD"])) };
  const target = targetOf(given, settings["REDIS_PASSWORD"]);
  if (target === undefined) {
    throw new SettingsError("neither REDIS_URL nor REDIS_HOST is set, so there is no cache to speak of");
  }
  return { enabled, target };
}

function targetIfAny(read: () => Target | undefined): { target?: Target } {
  try {
    const target = read();
    return target === undefined ? {} : { target };
  } catch (error) {
    if (error instanceof SettingsError) return {};
    throw error;
  }
}

function targetOf(
  given: (name: keyof typeof TABLE) => string | undefined,
  password: string | undefined,
): Target | undefined {
  const url = given("REDIS_URL");
  const extra = password === undefined || password === "" ? {} : { password };
  if (url !== undefined) {
    try {
      return { ...extra, ...parseRedisUrl(url) };
    } catch (error) {
      if (error instanceof UrlError) throw new SettingsError(`REDIS_URL ${error.message}`, { cause: error });
      throw error;
    }
  }
  const host = given("REDIS_HOST");
  if (host === undefined) return undefined;
  return {
    host,
    port: whole("REDIS_PORT", given("REDIS_PORT"), 1, 65_535) ?? 6379,
    tls: flag("REDIS_TLS", given("REDIS_TLS")) ?? false,
    db: whole("REDIS_DB", given("REDIS_DB"), 0, 99_999) ?? 0,
    ...extra,
  };
}

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  "1": true,
  yes: true,
  false: false,
  "0": false,
  no: false,
};

function flag(name: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  const value = FLAGS[text.toLowerCase()];
  if (value === undefined) throw new SettingsError(`${name} must be true or false`);
  return value;
}

function whole(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new SettingsError(`${name} must be a whole number from ${min} to ${max}`);
  return value;
}

/** The text of `.env.redis.example`: every setting with its meaning, for people who copy it. */
export function exampleEnv(): string {
  const lines = ROWS.flatMap(([name, row]) => [
    ...(row.describe === "" ? [] : [`# ${row.describe}`]),
    `${row.example === "" ? "# " : ""}${name}=${row.example}`,
  ]);
  return [
    "# The settings that an app gets for its cache. `npx propiq-cache dev` writes them to .env by itself.",
    "# Generated from infra/contract/connection.ts: npm run format",
    ...lines,
    "# names these settings; an app's health document echoes it",
    `# ${FINGERPRINT_KEY}=`,
    "",
  ].join("\n");
}
