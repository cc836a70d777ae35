import { describe, expect, it } from "vitest";
import type { App } from "../../../check/app/app.ts";
import { compareSettings, type Held, settingsAlone } from "../../../check/app/compare.ts";
import type { CacheHealth, Health } from "../../../check/app/health.ts";
import { type AppSeen, judgeApp, mergeApps } from "../../../check/app/judge.ts";
import { othersIn } from "../../../check/app/look.ts";
import type { CheckId } from "../../../check/report.ts";

const expected = { REDIS_ENABLED: "true", REDIS_URL: "redis://:s3cret@h/0", REDIS_HOST: "h" };
const REFERENCE = "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/url)";
const seen = (change: Omit<Partial<AppSeen>, "app"> & { app?: Partial<App> }): AppSeen => ({
  ...change,
  app: { name: "app", fingerprint: "f1", ...change.app },
});
const finding = (id: CheckId, given: AppSeen) => judgeApp(given).find((each) => each.id === id);

describe("the settings that an app holds", () => {
  const judged = (settings: Held["settings"], references: Held["references"] = []) =>
    finding("app-settings", seen({ app: { settings: compareSettings(expected, { settings, references }) } }));

  it("pass when each is correct, whatever other settings exist", () => {
    expect(judged({ ...expected, NODE_ENV: "production" })).toMatchObject({ status: "pass" });
  });

  it("are enabled where the stack says off: `off` did not complete", () => {
    const settings = compareSettings({ REDIS_ENABLED: "false" }, { settings: expected, references: [] });
    const found = finding("app-settings", seen({ app: { settings } }));
    expect(found).toMatchObject({ status: "fail", code: "SETTINGS_DIFFER" });
    expect(found?.observed).toMatch(/^off was not carried out/);
  });

  it.each<[string, Held["settings"], Held["references"], string, RegExp]>([
    ["are gone", { NODE_ENV: "x" }, [], "SETTINGS_REMOVED", /none of its cache's settings/],
    [
      "are switched off",
      { ...expected, REDIS_ENABLED: "false" },
      [],
      "APP_CACHE_OFF",
      /REDIS_ENABLED is false/,
    ],
    [
      "are switched off in other words",
      { ...expected, REDIS_ENABLED: "0" },
      [],
      "APP_CACHE_OFF",
      /REDIS_ENABLED/,
    ],
    [
      "are switched off in one word more",
      { ...expected, REDIS_ENABLED: " No " },
      [],
      "APP_CACHE_OFF",
      /REDIS_ENABLED/,
    ],
    ["differ", { ...expected, REDIS_HOST: "other" }, [], "SETTINGS_DIFFER", /^other values: REDIS_HOST$/],
    [
      "are there in part",
      { REDIS_URL: expected.REDIS_URL },
      [],
      "SETTINGS_DIFFER",
      /^missing: REDIS_ENABLED, REDIS_HOST$/,
    ],
    [
      "cannot be read in their vault",
      { ...expected, REDIS_URL: REFERENCE },
      [{ key: "REDIS_URL", status: "AccessToKeyVaultDenied" }],
      "SECRET_REF_UNRESOLVED",
      /REDIS_URL \(AccessToKeyVaultDenied\)/,
    ],
    [
      "refer to a vault of which nothing is known",
      { ...expected, REDIS_URL: REFERENCE },
      [],
      "SECRET_REF_UNRESOLVED",
      /Unknown/,
    ],
  ])("%s", (_what, settings, references, code, words) => {
    const told = judged(settings, references);
    expect(told).toMatchObject({ status: "fail", code });
    expect(told?.observed).toMatch(words);
    expect(JSON.stringify(told)).not.toMatch(/s3cret|other"/);
  });

  it("are well as references that are resolved", () => {
    const references = [{ key: "REDIS_URL", status: "Resolved" }];
    expect(judged({ ...expected, REDIS_URL: REFERENCE }, references)).toMatchObject({ status: "pass" });
  });

  it("are reported as edited when their own fingerprint differs", () => {
    const alone = settingsAlone({ settings: expected, references: [] }, Object.keys(expected), "there");
    expect(finding("app-settings", seen({ app: { settings: alone } }))).toMatchObject({
      status: "pass",
      observed: "there",
    });
    const edited = { ...alone, edited: true };
    expect(finding("app-settings", seen({ app: { settings: edited } }))).toMatchObject({
      code: "SETTINGS_DIFFER",
    });
    const none = settingsAlone({ settings: {}, references: [] }, Object.keys(expected), "there");
    expect(finding("app-settings", seen({ app: { settings: none } }))).toMatchObject({
      code: "SETTINGS_REMOVED",
    });
  });

  it("are not judged where no check has read them", () => {
    expect(finding("app-settings", seen({}))).toBeUndefined();
  });
});

const health = (change: Partial<Health> = {}, cache?: Partial<CacheHealth>): Health => ({
  ...{ answer: "document", httpStatus: 200, words: "HTTP 200", status: "healthy" },
  ...(cache === undefined ? {} : { cache: { knowsFingerprint: true, ...cache } }),
  ...change,
});

describe("an app's health", () => {
  it.each<[Health, string, string | undefined, RegExp]>([
    [
      health({}, { hitRate: 0.731, memoryUsedBytes: 1_258_291 }),
      "pass",
      undefined,
      /^healthy, 73\.1% hits .*1\.2 MB/,
    ],
    [health({ status: "unhealthy" }), "warn", "APP_UNREACHABLE", /says: unhealthy/],
    [health({ answer: "unhealthy", words: "HTTP 503" }), "fail", "APP_UNREACHABLE", /HTTP 503/],
    [
      health({ answer: "unhealthy", words: "HTTP 503", status: "starting" }),
      "fail",
      "APP_UNREACHABLE",
      /^HTTP 503, and the app says: starting$/,
    ],
    [
      health({ answer: "unreachable", words: "ECONNREFUSED" }),
      "fail",
      "APP_UNREACHABLE",
      /^no answer: ECONNREFUSED$/,
    ],
    [
      health({ answer: "unreachable", words: "no answer within 2 s" }),
      "fail",
      "APP_UNREACHABLE",
      /^no answer within 2 s$/,
    ],
    [health({ answer: "refused", words: "HTTP 404" }), "skip", undefined, /HTTP 404: no health document/],
    [health({ answer: "no-document" }), "skip", undefined, /no health document/],
  ])("%j", (given, status, code, words) => {
    const told = finding("app-health", seen({ health: given }));
    expect(told).toMatchObject({ status, ...(code === undefined ? {} : { code }) });
    expect(told?.observed).toMatch(words);
  });

  it("is that of a site that was stopped", () => {
    const down = { code: "APP_STOPPED", words: "the App Service is stopped" } as const;
    const told = finding("app-health", seen({ app: { down } }));
    expect(told).toMatchObject({
      status: "fail",
      code: "APP_STOPPED",
      observed: "the App Service is stopped",
    });
  });
});

describe("whether the app uses the cache", () => {
  const used = (
    cache: Partial<CacheHealth> | undefined,
    others?: AppSeen["others"],
    app: Partial<App> = {},
  ) =>
    finding(
      "app-uses-cache",
      seen({ app, health: health({}, cache), ...(others === undefined ? {} : { others }) }),
    );

  it.each<[string, ReturnType<typeof used>, object]>([
    ["it echoes these settings", used({ connected: true, fingerprint: "f1" }), { status: "pass" }],
    [
      "it echoes others",
      used({ connected: true, fingerprint: "f0" }),
      { status: "fail", code: "APP_NOT_USING_CACHE" },
    ],
    [
      "it echoes these, and is not connected",
      used({ enabled: true, connected: false, fingerprint: "f1", reason: "timeout" }),
      {
        status: "fail",
        code: "APP_NOT_USING_CACHE",
        observed: "the app says that it is not connected: timeout",
      },
    ],
    [
      "it says that its cache is off",
      used({ enabled: false, connected: false, fingerprint: "f1", reason: "no cache is configured" }),
      { status: "fail", code: "APP_CACHE_OFF" },
    ],
    [
      "it echoes nothing, and nobody is on the cache",
      used({ connected: true }, { connections: 0, active: 0 }),
      { status: "fail", code: "APP_NOT_USING_CACHE" },
    ],
    [
      "it echoes nothing, and somebody has just used the cache",
      used({ connected: true }, { connections: 2, active: 1 }),
      {
        status: "pass",
        observed: "the app says that it is connected; 2 other connections on the cache, 1 used just now",
      },
    ],
    [
      "it echoes nothing, and the others rest",
      used({ connected: true }, { connections: 2, active: 0 }),
      { status: "skip" },
    ],
    ["it says nothing, and somebody is active", used({}, { connections: 1, active: 1 }), { status: "skip" }],
    ["it echoes nothing, and nobody looked", used({ connected: true }), { status: "skip" }],
    ["its document says nothing of a cache", used(undefined), { status: "skip" }],
    [
      "its document is strange, and nobody is on the cache",
      used({ hitRate: 0.5 }, { connections: 0, active: 0 }),
      {
        status: "skip",
        observed:
          "not known: its health document does not say whether its cache is on; 0 other connections on the cache, 0 used just now",
      },
    ],
    [
      "nobody knows what it should echo",
      used({ connected: true, fingerprint: "f9" }, undefined, { fingerprint: undefined as never }),
      { status: "skip" },
    ],
  ])("when %s", (_when, told, outcome) => {
    expect(told).toMatchObject(outcome);
  });

  it("is reported by an unhealthy app too, and never by one that refuses", () => {
    const given = (answer: Health["answer"]) =>
      finding(
        "app-uses-cache",
        seen({ health: health({ answer, words: "HTTP 503" }, { connected: false, reason: "timeout" }) }),
      );
    expect(given("unhealthy")).toMatchObject({ status: "fail", code: "APP_NOT_USING_CACHE" });
    expect(given("refused")).toMatchObject({ status: "skip", observed: "not known: HTTP 503" });
  });

  it("is not reported for an app that was not asked", () => {
    expect(finding("app-uses-cache", seen({}))).toBeUndefined();
  });
});

it("of several apps the worst counts, and is reported by name", () => {
  const byApp = [
    { name: "one", findings: judgeApp(seen({ health: health({}, { connected: true, fingerprint: "f1" }) })) },
    { name: "two", findings: judgeApp(seen({ health: health({ answer: "unhealthy", words: "HTTP 500" }) })) },
  ];
  expect(mergeApps(byApp)).toMatchObject([
    { id: "app-health", status: "fail", observed: "two: HTTP 500, and the app says: healthy" },
    {
      id: "app-uses-cache",
      status: "pass",
      observed: "one: the app is connected, and echoes these settings",
    },
  ]);
});

it("others on a cache are those that are neither the check nor another server", () => {
  const line = (id: number, idle: number, flags = "N") =>
    `id=${id} addr=1.2.3.4:5 laddr=1.2.3.4:6 fd=8 name=x age=9 idle=${idle} flags=${flags} db=0 cmd=get`;
  const list = [
    line(1, 0),
    line(2, 0),
    line(3, 1),
    line(4, 2),
    line(5, 0, "S"),
    line(6, 0, "O"),
    "",
    "nonsense",
  ].join("\n");
  expect(othersIn(list, 1)).toEqual({ connections: 3, active: 2 });
});
