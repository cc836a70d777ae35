import { describe, expect, it } from "vitest";
import type { SettingMap } from "../../../../infra/azure/app-service.ts";
import { settingsFor } from "../../../../infra/contract/app-settings.ts";
import { DEFAULT_TTL, SETTING_NAMES } from "../../../../infra/contract/table.ts";
import { decodeEarlier, EARLIER_KEY } from "../../../../infra/provider/app-settings/earlier.ts";
import {
  foreignEdits,
  giveBack,
  ownedKeys,
  putBack,
  sameSettings,
  takeOver,
  withSettings,
} from "../../../../infra/provider/app-settings/merge.ts";
import { seeded } from "../../../support/random.ts";

const at = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/a";
const by = "urn:pulumi:test::propiq-cache::propiq:index:AppSettings::app";

/** Two caches, one with a password and one without: the second leaves REDIS_PASSWORD out. */
const settingsOf = (host: string, password?: string): SettingMap => ({
  ...(settingsFor({
    enabled: true,
    target: { host, port: 6380, tls: true, db: 0, ...(password === undefined ? {} : { password }) },
    ttl: DEFAULT_TTL,
  }) as Record<string, string>),
});
const A = settingsOf("a.example", "pa+/%");
const B = settingsOf("b.example");

const VALUES = ["", "x", '{"a":1}', "true", 'q"u%&<', "ünïcode", "a".repeat(300)];
/** Any app: foreign settings, some with names like ours, and at times settings of ours that it had before. */
function anApp(random: () => number): Record<string, string> {
  const value = () => VALUES[Math.floor(random() * VALUES.length)] ?? "";
  const app: Record<string, string> = {};
  for (let index = Math.floor(random() * 12); index > 0; index -= 1) app[`FOREIGN_${index}`] = value();
  for (const name of ["REDIS_URL_OLD", "PROPIQ_CACHE", "CACHE_TTL", "__proto__x", "constructor"]) {
    if (random() < 0.3) app[name] = value();
  }
  for (const name of SETTING_NAMES)
    if (random() < 0.4) app[random() < 0.1 ? name.toLowerCase() : name] = value();
  return app;
}
const foreign = (settings: SettingMap) =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([key]) => key !== EARLIER_KEY && !ownedKeys({}).includes(key.toUpperCase()),
    ),
  );

/** Each property holds for 300 different apps. */
function forApps(check: (app: Record<string, string>) => void): void {
  const random = seeded(42);
  for (let index = 0; index < 300; index += 1) check(anApp(random));
}

describe("taking settings over", () => {
  it("keeps every setting that is not ours exactly as it was", () => {
    forApps((app) => {
      const after = takeOver(app, { wanted: A, by, at });
      expect(foreign(after)).toEqual(foreign(app));
      expect(foreign(takeOver(after, { wanted: B, by, at }))).toEqual(foreign(app));
    });
  });

  it("writes ours as wanted, and leaves none of ours that is not wanted", () => {
    forApps((app) => {
      const after = takeOver(takeOver(app, { wanted: A, by, at }), { wanted: B, by, at });
      for (const name of SETTING_NAMES) expect(after[name]).toBe(B[name]);
    });
  });

  it("gives the same result when it runs twice", () => {
    forApps((app) => {
      const once = takeOver(app, { wanted: A, by, at });
      expect(takeOver(once, { wanted: A, by, at })).toEqual(once);
    });
  });

  it("gives back the very first values, whatever was written in between", () => {
    forApps((app) => {
      const after = takeOver(takeOver(takeOver(app, { wanted: A, by, at }), { wanted: B, by, at }), {
        wanted: A,
        by,
        at,
      });
      const record = decodeEarlier(after[EARLIER_KEY]);
      expect(record && giveBack(after, record)).toEqual(app);
    });
  });

  it("takes a name in another letter case for the same, as App Service does, and gives it back as it was", () => {
    const app = { redis_url: "theirs", Redis_Enabled: "true", OTHER: "1" };
    const taken = takeOver(app, { wanted: A, by, at });
    expect(Object.keys(taken).filter((key) => /^redis_(url|enabled)$/i.test(key))).toEqual([
      "REDIS_ENABLED",
      "REDIS_URL",
    ]);
    const record = decodeEarlier(taken[EARLIER_KEY]);
    expect(record && giveBack(taken, record)).toEqual(app);
    expect(putBack(taken, app, taken)).toEqual(app);
    expect(withSettings(app, { REDIS_ENABLED: "false" })).toEqual({
      redis_url: "theirs",
      REDIS_ENABLED: "false",
      OTHER: "1",
    });
  });

  it("gives back to an app what it changed of its own in between", () => {
    const taken = takeOver({ KEEP: "1", GO: "2", REDIS_URL: "old" }, { wanted: A, by, at });
    const { GO: _, ...rest } = taken;
    const record = decodeEarlier(taken[EARLIER_KEY]);
    expect(record && giveBack({ ...rest, KEEP: "3", NEW: "4" }, record)).toEqual({
      KEEP: "3",
      NEW: "4",
      REDIS_URL: "old",
    });
  });

  it("takes earlier values from the state where the app has lost its record", () => {
    const first = takeOver({ REDIS_URL: "old" }, { wanted: A, by, at });
    const earlier = decodeEarlier(first[EARLIER_KEY]);
    const { [EARLIER_KEY]: _, ...lost } = first;
    const record = decodeEarlier(takeOver(lost, { wanted: B, by, at, earlier })[EARLIER_KEY]);
    expect(record?.values).toEqual({ REDIS_URL: "old" });
  });

  it("gives back at once what it no longer owns", () => {
    const taken = takeOver({ EXTRA_KEY: "mine" }, { wanted: { ...A, EXTRA_KEY: "ours" }, by, at });
    expect(taken["EXTRA_KEY"]).toBe("ours");
    const after = takeOver(taken, { wanted: A, by, at });
    expect(after["EXTRA_KEY"]).toBe("mine");
    expect(decodeEarlier(after[EARLIER_KEY])?.keys).not.toContain("EXTRA_KEY");
  });

  it("keeps no value that it wrote in its record", () => {
    const record = takeOver({}, { wanted: A, by, at })[EARLIER_KEY] ?? "";
    for (const value of [A["REDIS_URL"], A["REDIS_PASSWORD"], A["PROPIQ_CACHE_FINGERPRINT"]]) {
      expect(record).not.toContain(value);
    }
  });

  it("stops for a record that a user edited, without repeating it", () => {
    for (const text of ["", "{", '{"version":1}', '{"version":2,"secret":"s3cret"}', "null", "[]"]) {
      expect(() => takeOver({ [EARLIER_KEY]: text }, { wanted: A, by, at })).toThrow(
        /^(?!.*s3cret).*was edited/,
      );
    }
  });
});

describe("restoring one write", () => {
  it("restores what was there, the record included", () => {
    forApps((app) => {
      const taken = takeOver(app, { wanted: A, by, at });
      expect(putBack(taken, app, taken)).toEqual(app);
      const next = takeOver(taken, { wanted: B, by, at });
      expect(putBack(next, taken, next)).toEqual(taken);
    });
  });

  it("leaves what another user has written since", () => {
    const taken = takeOver({ REDIS_URL: "old" }, { wanted: A, by, at });
    const edited = { ...taken, REDIS_HOST: "theirs", FOREIGN: "new" };
    expect(putBack(edited, { REDIS_URL: "old" }, taken)).toEqual({
      REDIS_URL: "old",
      REDIS_HOST: "theirs",
      FOREIGN: "new",
    });
  });
});

describe("foreign edits", () => {
  const taken = takeOver({ FOREIGN: "1", REDIS_URL: "old" }, { wanted: A, by, at });
  const none = { changed: [], removed: [], allGone: false };

  it("are empty where no other tool edited, before and after a take-over, with the state and without", () => {
    expect(foreignEdits({ REDIS_URL: "old" }, undefined, A)).toEqual(none);
    expect(foreignEdits(taken, A, B)).toEqual(none);
    expect(foreignEdits(taken, undefined, B)).toEqual(none);
  });

  it("do not include what an update wrote that was killed before the state knew", () => {
    const killed = takeOver(taken, { wanted: B, by, at });
    expect(foreignEdits(killed, A, settingsOf("c.example", "pc"))).toEqual(none);
    expect(foreignEdits(killed, undefined, A)).toEqual(none);
  });

  it("do not include a value that is the one to be written", () => {
    expect(foreignEdits({ ...taken, REDIS_HOST: "b.example" }, A, B)).toEqual(none);
  });

  it("name each key that was changed or removed", () => {
    const { REDIS_PORT: _, ...without } = taken;
    const edited = { ...without, REDIS_URL: "theirs" };
    expect(foreignEdits(edited, A, B)).toEqual({
      changed: ["REDIS_URL"],
      removed: ["REDIS_PORT"],
      allGone: false,
    });
    expect(foreignEdits(edited, undefined, A)).toEqual({
      changed: ["REDIS_URL"],
      removed: ["REDIS_PORT"],
      allGone: false,
    });
  });

  it("are known to a state that was refreshed", () => {
    const { REDIS_PORT: _, ...without } = taken;
    const { REDIS_PORT: __, ...known } = A;
    expect(foreignEdits({ ...without, REDIS_URL: "theirs" }, { ...known, REDIS_URL: "theirs" }, A)).toEqual(
      none,
    );
  });

  it("distinguish a tool that replaces the whole set from a person who removes a key", () => {
    expect(foreignEdits({ FOREIGN: "1" }, A, A)).toMatchObject({ allGone: true });
    expect(foreignEdits({ FOREIGN: "1", REDIS_DB: "0" }, A, A)).toMatchObject({ allGone: false });
    // After a refresh the state knows that nothing is left.
    expect(foreignEdits({ FOREIGN: "1" }, {}, A)).toEqual(none);
  });
});

describe("sameSettings", () => {
  it("compares names and values, not their order", () => {
    expect(sameSettings({ A: "1", B: "2" }, { B: "2", A: "1" })).toBe(true);
    expect(sameSettings({ A: "1" }, { A: "1", B: "2" })).toBe(false);
    expect(sameSettings({ A: "1" }, { B: "1" })).toBe(false);
  });
});
