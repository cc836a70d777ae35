import { describe, expect, it } from "vitest";
import { settingsFor } from "../../../infra/contract/app-settings.ts";
import { DEFAULT_TTL } from "../../../infra/contract/table.ts";
import { ownedIn, referencesIn, switched } from "../../../operations/switch/settings.ts";

const target = { host: "cache.example", port: 6380, tls: true, db: 0, password: 'p/+%"&<' };
const settings = (enabled: boolean) =>
  ({ ...settingsFor({ enabled, target, ttl: DEFAULT_TTL }) }) as Record<string, string>;

describe("switching settings", () => {
  it("makes exactly those that an update would write", () => {
    expect(switched(settings(true), false)).toEqual(settings(false));
    expect(switched(settings(false), true)).toEqual(settings(true));
  });

  it("gives the same result when it runs twice", () => {
    const once = switched(settings(true), false);
    expect(switched(once, false)).toEqual(once);
  });

  it("names settings with secrets in a vault by the secrets, and leaves the references", () => {
    const { REDIS_URL = "", REDIS_PASSWORD = "" } = settings(true);
    const reference = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/n/1)";
    const held = { ...settings(true), REDIS_URL: reference, REDIS_PASSWORD: reference };
    const off = switched(held, false, { REDIS_URL, REDIS_PASSWORD });
    expect(off["REDIS_URL"]).toBe(reference);
    expect(off["PROPIQ_CACHE_FINGERPRINT"]).toBe(settings(false)["PROPIQ_CACHE_FINGERPRINT"]);
    expect(referencesIn(held)).toEqual(["REDIS_URL", "REDIS_PASSWORD"]);
  });

  it("knows its own among others", () => {
    expect(ownedIn({ ...settings(true), OTHER: "1", REDIS_OTHER: "2", PROPIQ_CACHE_EARLIER: "3" })).toEqual(
      settings(true),
    );
  });
});
