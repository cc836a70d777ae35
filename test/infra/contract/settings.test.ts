import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Target } from "../../../check/target.ts";
import { settingsFor } from "../../../infra/contract/app-settings.ts";
import { exampleEnv } from "../../../infra/contract/example-env.ts";
import { fingerprintOf } from "../../../infra/contract/fingerprint.ts";
import { readSettings } from "../../../infra/contract/read-settings.ts";
import { parseRedisUrl, redisUrl } from "../../../infra/contract/redis-url.ts";
import { DEFAULT_TTL, SETTING_NAMES } from "../../../infra/contract/table.ts";

const hard = `p/+ "%&<@:#'é`;
const targets: Record<string, Target> = {
  "a local one": { host: "127.0.0.1", port: 6379, tls: false, db: 0 },
  "one with a hard password": { host: "h.example", port: 6380, tls: true, db: 3, password: hard },
  "one with a user": { host: "h.example", port: 6379, tls: true, db: 0, username: "default", password: hard },
  "one with a user and no password": { host: "h", port: 6379, tls: true, db: 0, username: "app" },
  "an IPv6 one": { host: "::1", port: 1, tls: false, db: 0 },
  "one on port 80": { host: "h.example", port: 80, tls: false, db: 0 },
};

describe("the URL of a cache", () => {
  it.each(Object.entries(targets))("is read back whole for %s", (_, target) => {
    expect(parseRedisUrl(redisUrl(target))).toEqual(target);
  });

  it("makes redis-py verify certificates, and only with TLS, where it alone may stand", () => {
    expect(redisUrl({ host: "h", port: 1, tls: true, db: 0 })).toBe("rediss://h:1/0?ssl_cert_reqs=required");
    expect(redisUrl({ host: "h", port: 1, tls: false, db: 0 })).toBe("redis://h:1/0");
  });

  it("means TLS in capitals too", () => {
    expect(parseRedisUrl("REDISS://:x@h:6380")).toMatchObject({ tls: true, port: 6380, password: "x" });
  });

  it.each([
    "http://secret@h",
    "redis://",
    "redis:///0",
    "h:6379",
    "redis://:secret@h:99999",
    "redis://:secret@h:0",
    "redis://:se%zzcret@h",
    "redis://:sec/ret@h",
    "redis://h/abc",
    "redis://h/%zz",
    "redis://user:12#secret@h",
    "redis://h?password=secret",
    "",
  ])("refuses %s without repeating it", (text) => {
    expect(() => parseRedisUrl(text)).toThrow(/^must (?!.*sec).*/);
  });

  it("has a host, and no socket's path", () => {
    for (const text of ["redis://", "redis:///run/redis.sock", "REDISS:///x"])
      expect(() => parseRedisUrl(text)).toThrow(/^must name a host behind redis/);
    expect(() => parseRedisUrl("unix:///run/redis.sock")).toThrow(/^must start with redis:/);
  });
});

/** As the first release computed it. */
const OLDER_FINGERPRINT = "3d8c261ad75306b5";

describe("the settings of an app", () => {
  const target: Target = { host: "h.example", port: 6380, tls: true, db: 2, password: hard };
  const ttl = { ...DEFAULT_TTL, functions: { "user:profile": 1800, list: 60 } };
  const settings = settingsFor({ enabled: true, target, ttl, prefix: "propiq-dev" });

  it("say all that the contract names", () => {
    expect(settings).toMatchObject({
      REDIS_ENABLED: "true",
      REDIS_HOST: "h.example",
      REDIS_PORT: "6380",
      REDIS_DB: "2",
      REDIS_PASSWORD: hard,
      REDIS_TLS: "true",
      CACHE_TTL_SHORT: "60",
      CACHE_TTL_MEDIUM: "300",
      CACHE_TTL_LONG: "3600",
      CACHE_TTL_DAY: "86400",
      CACHE_TTL_FUNCTIONS: '{"list":60,"user:profile":1800}',
      CACHE_PREFIX: "propiq-dev",
    });
    expect(Object.keys(settings)).toEqual(SETTING_NAMES);
  });

  it("have no password where the cache has none", () => {
    const open = settingsFor({
      enabled: true,
      target: { host: "h", port: 1, tls: false, db: 0 },
      ttl: DEFAULT_TTL,
    });
    expect(open).not.toHaveProperty("REDIS_PASSWORD");
  });

  it("have the same fingerprint as long as nothing changes, and another one after any change", () => {
    expect(fingerprintOf(settings)).toBe(settings.PROPIQ_CACHE_FINGERPRINT);
    for (const [name, value] of Object.entries(settings)) {
      if (name === "PROPIQ_CACHE_FINGERPRINT") continue;
      expect(fingerprintOf({ ...settings, [name]: `${value}x` }), name).not.toBe(
        settings.PROPIQ_CACHE_FINGERPRINT,
      );
    }
  });

  it("keep the fingerprint of settings that were written before the contract gained names", () => {
    const older = settingsFor({ enabled: true, target, ttl: DEFAULT_TTL });
    expect(older).not.toHaveProperty("CACHE_PREFIX");
    expect(older).not.toHaveProperty("CACHE_TTL_FUNCTIONS");
    expect(older.PROPIQ_CACHE_FINGERPRINT).toBe(OLDER_FINGERPRINT);
  });

  it("are read back from what was written", () => {
    expect(readSettings(settings)).toEqual({ enabled: true, target });
  });

  it("are read from a URL without a password and the password beside it", () => {
    const read = readSettings({ REDIS_URL: "rediss://h:6380/0", REDIS_PASSWORD: hard });
    expect(read.target).toMatchObject({ host: "h", password: hard });
  });

  it("take the URL's own password before the one beside it", () => {
    expect(readSettings({ REDIS_URL: "redis://:a@h/0", REDIS_PASSWORD: "b" }).target?.password).toBe("a");
  });

  it("are read from host and port without a URL", () => {
    expect(
      readSettings({ REDIS_HOST: "h", REDIS_PORT: "6380", REDIS_TLS: "true", REDIS_PASSWORD: "p" }).target,
    ).toEqual({
      host: "h",
      port: 6380,
      tls: true,
      db: 0,
      password: "p",
    });
  });

  it("may say that no cache exists", () => {
    expect(readSettings({ REDIS_ENABLED: "false" })).toEqual({ enabled: false });
    expect(readSettings({ REDIS_ENABLED: "false", REDIS_URL: "todo" })).toEqual({ enabled: false });
    expect(readSettings({ REDIS_ENABLED: "False", REDIS_URL: "redis://h/0" })).toMatchObject({
      enabled: false,
    });
  });

  it.each([
    [{}, /REDIS_URL nor REDIS_HOST/],
    [{ REDIS_ENABLED: "maybe" }, /REDIS_ENABLED must be true or false/],
    [{ REDIS_URL: "nonsense-secret" }, /^REDIS_URL must (?!.*secret)/],
    [{ REDIS_HOST: "h", REDIS_PORT: "1e3" }, /REDIS_PORT must be a whole number/],
  ])("refuse %j in words that name the key", (bag, words) => {
    expect(() => readSettings(bag)).toThrow(words);
  });

  it("have an example in the repository that is up to date", async () => {
    expect(await readFile(".env.redis.example", "utf8")).toBe(exampleEnv());
  });
});
