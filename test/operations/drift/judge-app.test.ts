import { describe, expect, it } from "vitest";
import { settingsFor } from "../../../infra/contract/app-settings.ts";
import { EARLIER_KEY } from "../../../infra/provider/app-settings/earlier.ts";
import type { AppSettingsState } from "../../../infra/provider/app-settings/inputs.ts";
import { pick, takeOver } from "../../../infra/provider/app-settings/merge.ts";
import { judgeApp } from "../../../operations/drift/judge-app.ts";
import { switched } from "../../../operations/switch/settings.ts";
import { hintOf } from "../hint-of.ts";

const SITE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/shop";
const BY = "urn:pulumi:prod::propiq-cache::propiq:index:AppSettings::shop";
const SECRET = "a-password-0815";
const settings = Object.fromEntries(
  Object.entries(
    settingsFor({
      enabled: true,
      target: { host: "cache.example", port: 6380, tls: true, db: 0, password: SECRET },
      ttl: { short: 60, medium: 300, long: 3600, day: 86_400 },
    }),
  ),
);
const written = takeOver({ OWN: "1" }, { wanted: settings, by: BY, at: SITE });

function aState(given: Partial<AppSettingsState> = {}): AppSettingsState {
  return {
    app: "shop",
    resourceGroup: "g",
    subscriptionId: "s",
    settings,
    restartTimeoutSeconds: 300,
    drainSeconds: 0,
    by: BY,
    earlier: { by: BY, at: SITE, keys: [], values: {}, wrote: {}, sticky: [] },
    references: {},
    outcome: "seen",
    ...given,
  };
}

const without = (map: Readonly<Record<string, string>>, ...keys: string[]) =>
  pick(
    map,
    Object.keys(map).filter((key) => !keys.includes(key)),
  );

function judged(
  current: Readonly<Record<string, string>> | undefined,
  {
    state = aState(),
    movedTo,
    loose = [],
  }: { state?: AppSettingsState; movedTo?: string; loose?: string[] } = {},
) {
  const seen = {
    loose,
    ...(current === undefined ? {} : { settings: current }),
    ...(movedTo === undefined ? {} : { movedTo }),
  };
  const { findings, notes } = judgeApp("prod", SITE, state, seen);
  expect(JSON.stringify({ findings, notes })).not.toContain(SECRET);
  return {
    codes: findings.map(({ code }) => code),
    keys: findings.map(({ keys }) => keys.map(({ name, change }) => `${name} ${change}`)),
    words: findings.map(({ words }) => words).join("\n"),
    hints: findings.map(hintOf).join("\n"),
    notes,
  };
}

describe("an app that holds what was written", () => {
  it("has not drifted, whatever else it holds", () => {
    expect(judged({ ...written, OWN: "2", NEW: "3" })).toMatchObject({ codes: [], notes: [] });
  });

  it("has not drifted where a secret stands there as the reference that was written", () => {
    const references = { REDIS_PASSWORD: "@Microsoft.KeyVault(SecretUri=https://v/secrets/p/1)" };
    const current = takeOver({}, { wanted: { ...settings, ...references }, by: BY, at: SITE });
    expect(judged(current, { state: aState({ references }) })).toMatchObject({ codes: [], notes: [] });
    const edited = { ...current, REDIS_PASSWORD: "plain" };
    expect(judged(edited, { state: aState({ references }) }).keys).toEqual([["REDIS_PASSWORD changed"]]);
  });

  it("has not drifted when off has switched it, by its own record", () => {
    const current = takeOver(written, { wanted: switched(settings, false), by: BY, at: SITE });
    expect(judged(current)).toMatchObject({ codes: [], notes: [expect.stringContaining("disabled by off")] });
  });

  it("gets a note about a missing record: its settings are correct", () => {
    expect(judged(without(written, EARLIER_KEY))).toMatchObject({
      codes: [],
      notes: [expect.stringContaining("PROPIQ_CACHE_EARLIER was removed")],
    });
  });
});

describe("an app whose settings a user has edited", () => {
  it("is reported key by key: changed, removed, added", () => {
    const withoutPassword = without(settings, "REDIS_PASSWORD");
    const state = aState({ settings: withoutPassword });
    const current = {
      ...without(takeOver({}, { wanted: withoutPassword, by: BY, at: SITE }), "REDIS_DB"),
      REDIS_HOST: "other",
      REDIS_PASSWORD: "new",
    };
    const told = judged(current, { state });
    expect(told.codes).toEqual(["SETTINGS_CHANGED"]);
    expect(told.words).toContain("REDIS_HOST changed; REDIS_DB removed; REDIS_PASSWORD added");
    expect(told.hints).toContain("./propiq-cache repair --stack prod");
  });

  it("is not reported as disabled by `off` when REDIS_ENABLED was edited by hand", () => {
    expect(judged({ ...written, REDIS_ENABLED: "false" }).codes).toEqual(["SETTINGS_CHANGED"]);
  });

  it.each([
    ["changed", { ...settings, REDIS_HOST: "other" }],
    ["removed", without(settings, "REDIS_HOST")],
  ])("is reported with a key %s that a refresh has taken into the state", (change, taken) => {
    const current = { ...taken, [EARLIER_KEY]: written[EARLIER_KEY] ?? "" };
    const told = judged(current, { state: aState({ settings: taken }) });
    expect(told).toMatchObject({ codes: ["SETTINGS_CHANGED"], keys: [[`REDIS_HOST ${change}`]] });
    expect(told.words).toContain("a refresh has taken it into the state");
  });

  it("distinguishes our own unrecorded write from an edit", () => {
    const wanted = { ...settings, CACHE_TTL_DAY: "1" };
    const current = { ...takeOver(written, { wanted, by: BY, at: SITE }), REDIS_DB: "7" };
    expect(judged(current)).toMatchObject({
      codes: ["SETTINGS_CHANGED", "UNRECORDED"],
      keys: [["REDIS_DB changed"], ["CACHE_TTL_DAY changed"]],
    });
  });

  it("is reported with its unreadable record and also with its edited keys", () => {
    const told = judged({ ...written, [EARLIER_KEY]: `{"values":"${SECRET}`, REDIS_DB: "7" });
    expect(told.codes[0]).toBe("RECORD_UNREADABLE");
    expect(told.keys[0]).toEqual(["PROPIQ_CACHE_EARLIER changed"]);
    expect(told.keys.flat()).toContain("REDIS_DB changed");
  });
});

describe("a tool that replaces the whole set", () => {
  it.each([
    ["leaves none", { OWN: "1" }, "all cache settings were removed at once"],
    ["brings some of its own", { REDIS_URL: "redis://theirs" }, "REDIS_URL changed; "],
  ])("is named when it %s", (_, current, words) => {
    const told = judged(current);
    expect(told.codes).toEqual(["SETTINGS_REMOVED"]);
    expect(told.words).toContain(words);
    expect(told.hints).toContain('app_settings["PROPIQ_CACHE_FINGERPRINT"],');
    expect(told.hints).toContain("resourceId('Microsoft.Web/sites/config', 'shop', 'appsettings')");
  });

  it("is shown the slot's own place where it writes a slot", () => {
    const told = judged({}, { state: aState({ slot: "next" }) });
    expect(told.hints).toContain(
      "resourceId('Microsoft.Web/sites/slots/config', 'shop', 'next', 'appsettings')",
    );
    expect(told.hints).toContain("existing = { name: 'shop/next' }");
  });
});

describe("a swap of slots", () => {
  const elsewhere = `${SITE}/slots/next`;

  it("is known by where the settings went", () => {
    const told = judged({ NODE_ENV: "staging" }, { movedTo: "next" });
    expect(told.codes).toEqual(["SLOT_SWAPPED"]);
    expect(told.hints).toContain("--slot next --target-slot production");
  });

  it("is known by a record that was written elsewhere", () => {
    const current = takeOver({}, { wanted: { ...settings, REDIS_HOST: "next" }, by: BY, at: elsewhere });
    expect(judged(current)).toMatchObject({ codes: ["SLOT_SWAPPED"], keys: [["REDIS_HOST changed"]] });
  });

  it("is only a note where both slots hold the same settings", () => {
    const current = takeOver({}, { wanted: settings, by: BY, at: elsewhere });
    expect(judged(current)).toMatchObject({ codes: [], notes: [expect.stringContaining("swapped")] });
  });

  it("is not seen in an id that Azure writes in other letters", () => {
    const current = takeOver({}, { wanted: settings, by: BY, at: SITE.toUpperCase() });
    expect(judged(current)).toMatchObject({ codes: [], notes: [] });
  });
});

describe("an app that no longer belongs to the stack", () => {
  it("is reported with the stack that has it", () => {
    const by = BY.replace("prod", "canary");
    const told = judged(takeOver({}, { wanted: { ...settings, REDIS_DB: "1" }, by, at: SITE }));
    expect(told.codes).toEqual(["OTHER_OWNER"]);
    expect(told.hints).toContain("Pulumi.canary.yaml");
  });

  it("is reported when it does not exist", () => {
    expect(judged(undefined).codes).toEqual(["GONE"]);
  });
});

it("names that a swap would move are reported where they must be sticky", () => {
  const told = judged(written, { loose: ["REDIS_URL"] });
  expect(told).toMatchObject({ codes: ["NOT_STICKY"], keys: [["REDIS_URL removed"]] });
});
