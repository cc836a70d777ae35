/** Reads the settings of an app back, in every form that apps use. */
import type { Target } from "../../check/target.ts";
import { parseRedisUrl, UrlError } from "./redis-url.ts";
import type { TableName } from "./table.ts";

/** A cache to use, or that the app runs without one. */
export type ReadSettings = { enabled: boolean; target?: Target };

/** Settings that name no usable cache. The message names keys and never a value. */
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
  const given = (name: TableName): string | undefined => {
    const value = settings[name]?.trim();
    return value === "" ? undefined : value;
  };
  const enabled = flag("REDIS_ENABLED", given("REDIS_ENABLED")) ?? true;
  // A disabled cache needs no other valid setting.
  if (!enabled) return { enabled, ...targetIfAny(() => targetOf(given, settings["REDIS_PASSWORD"])) };
  const target = targetOf(given, settings["REDIS_PASSWORD"]);
  if (target === undefined) {
    throw new SettingsError("neither REDIS_URL nor REDIS_HOST is set, so the settings name no cache");
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
  given: (name: TableName) => string | undefined,
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
