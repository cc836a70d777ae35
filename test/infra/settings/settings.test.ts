import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../infra/settings/problems.ts";
import { parseSettings } from "../../../infra/settings/settings.ts";

const parse = (config: Record<string, string>, stack = "test", secrets: string[] = []) =>
  parseSettings(config, { stack, isSecret: (key) => secrets.includes(key) });

/** The problems of a config, as users read them. */
function problems(config: Record<string, string>, stack?: string, secrets?: string[]): string {
  try {
    parse(config, stack, secrets);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return "";
}

describe("a stack's config", () => {
  it("needs a plan and nothing else", () => {
    expect(parse({ plan: "docker" })).toMatchObject({
      plan: "docker",
      name: "propiq-redis",
      port: 6379,
      maxMemoryMb: 100,
      localPassword: false,
      envFile: ".env",
      enabled: true,
      ttl: { short: 60, medium: 300, long: 3600, day: 86_400 },
      proof: { mode: "direct", waitSeconds: 20 },
      drainSeconds: 30,
      standby: [],
      monthlyUsd: 0,
    });
  });

  it("waits longer for a cache in the cloud, and writes no env file where there is an app", () => {
    const settings = parse({ plan: "upstash-free", app: '{"name":"luntra-outreach-app"}' });
    expect(settings.proof.waitSeconds).toBe(300);
    expect(settings.envFile).toBeUndefined();
    expect(settings.apps).toMatchObject([
      { resourceGroup: "propiq-rg", restartTimeoutSeconds: 300, manage: true },
    ]);
  });

  it("takes scalars as text from the command line and typed values inside objects", () => {
    expect(
      parse({ plan: "native", port: "6380", enabled: "false", ttl: '{"short": 5, "day": "99"}' }),
    ).toMatchObject({
      port: 6380,
      enabled: false,
      ttl: { short: 5, medium: 300, day: 99 },
    });
  });

  it("takes one app or several", () => {
    expect(
      parse({ plan: "upstash-free", app: '[{"name":"one-app"},{"name":"two-app","slot":"staging"}]' }).apps,
    ).toHaveLength(2);
  });

  it("lets azure and upstash stand beside any cloud plan, so that growing changes one word", () => {
    const both = { azure: '{"location":"westeurope"}', upstash: '{"budget":5}' };
    expect(parse({ plan: "upstash-payg", ...both }).monthlyUsd).toBe(5);
    expect(parse({ plan: "azure-managed-b0", ...both }).azure?.location).toBe("westeurope");
  });

  it("counts what alerts cost, to the cent, where Azure makes them", () => {
    const alerts = '{"emails":["ops@example.com"]}';
    expect(parse({ plan: "azure-c0", alerts }).monthlyUsd).toBe(16.56);
    expect(parse({ plan: "azure-managed-b1-ha", alerts: "{}" }).monthlyUsd).toBe(47.22);
    expect(parse({ plan: "upstash-fixed-1gb", alerts, standby: '["azure-c0"]' }).monthlyUsd).toBe(36.06);
    expect(parse({ plan: "external", url: "redis://h", alerts }).monthlyUsd).toBeNull();
  });

  it("limits production's cost unless it says otherwise", () => {
    expect(parse({ plan: "azure-c0" }, "prod").monthlyBudgetUsd).toBe(25);
    expect(parse({ plan: "azure-c1", monthlyBudgetUsd: "60" }, "prod").monthlyUsd).toBe(55);
    expect(parse({ plan: "azure-c1" }, "other").monthlyBudgetUsd).toBeUndefined();
  });

  it("counts the cost of standby caches", () => {
    expect(parse({ plan: "azure-managed-b0", standby: '["upstash-fixed-250mb"]' }).monthlyUsd).toBeCloseTo(
      21.68,
    );
  });
});

describe("a wrong config", () => {
  const wrong: [string, Record<string, string>, RegExp][] = [
    ["without a plan", {}, /propiq-cache:plan: is missing; must be one of docker, native, /],
    [
      "with a plan that is none",
      { plan: "prot" },
      /propiq-cache:plan: must be one of docker, .*, not "prot"/,
    ],
    ["with a misspelt plan", { plan: "azure-co" }, /did you mean azure-c0\?/],
    [
      "with an unknown key",
      { plan: "native", prot: "6380" },
      /propiq-cache:prot: there is no such key \(did you mean port\?\); allowed: plan, /,
    ],
    [
      "with an unknown nested key",
      { plan: "upstash-free", azure: '{"locaton":"x"}' },
      /azure\.locaton: .*did you mean location\?/,
    ],
    [
      "with an unknown key two levels down",
      { plan: "azure-c0", azure: '{"network":{"acces":"private"}}' },
      /azure\.network\.acces: .*did you mean access/,
    ],
    [
      "with a word as port",
      { plan: "native", port: "abc" },
      /port: must be a whole number from 1 to 65535, not "abc"/,
    ],
    ["with an exponent as port", { plan: "native", port: "1e3" }, /port: must be a whole number/],
    ["with port 0", { plan: "native", port: "0" }, /port: must be a whole number/],
    ["with a port too high", { plan: "native", port: "70000" }, /port: must be a whole number/],
    ["with a negative port", { plan: "native", port: "-1" }, /port: must be a whole number/],
    ["with an empty port", { plan: "native", port: "" }, /port: must be a whole number/],
    ["with a fraction as port", { plan: "native", port: "6379.5" }, /port: must be a whole number/],
    ["with memory of nothing", { plan: "native", maxMemoryMb: "0" }, /maxMemoryMb: must be a whole number/],
    [
      "with maxMemoryMb on Upstash",
      { plan: "upstash-free", maxMemoryMb: "50" },
      /maxMemoryMb: belongs to the plans docker and native/,
    ],
    [
      "with a local password on Upstash",
      { plan: "upstash-free", localPassword: "true" },
      /localPassword: belongs to the plans docker and native/,
    ],
    [
      "with a local password that is no flag",
      { plan: "native", localPassword: "hunter2" },
      /localPassword: must be true or false/,
    ],
    [
      "with a port on Azure",
      { plan: "azure-c0", port: "6380" },
      /port: belongs to the plans docker and native/,
    ],
    ["that is external without a URL", { plan: "external" }, /url: is missing: plan external needs the URL/],
    ["with another scheme", { plan: "external", url: "http://h:1" }, /url: must start with redis:\/\//],
    [
      "with a URL on another plan",
      { plan: "native", url: "redis://h:1" },
      /url: belongs to the plan external/,
    ],
    [
      "with external on another plan",
      { plan: "native", external: "{}" },
      /external: belongs to the plan external/,
    ],
    [
      "with azure on a local plan",
      { plan: "docker", azure: "{}" },
      /azure: does not fit a cache on this machine/,
    ],
    ["with upstash on a local plan", { plan: "native", upstash: "{}" }, /upstash: does not fit/],
    ["with an app on a local plan", { plan: "native", app: "{}" }, /app: does not fit/],
    [
      "with a negative ttl",
      { plan: "native", ttl: '{"short":-1}' },
      /ttl\.short: must be a whole number from 1/,
    ],
    ["with a ttl that is no object", { plan: "native", ttl: "60" }, /ttl: /],
    [
      "with a number for an object",
      { plan: "native", ttl: "5" },
      /ttl: must be an object with short, medium, long, day/,
    ],
    [
      "with a range of too many bits",
      { plan: "azure-c0", azure: '{"network":{"allowedIps":["1.2.3.4/99"]}}' },
      /allowedIps\.0: must be an IP address/,
    ],
    ["with a list for an object", { plan: "native", ttl: "[]" }, /ttl: must be an object with short, /],
    [
      "with a list for names",
      { plan: "azure-c0", azure: '{"tags":[]}' },
      /azure\.tags: must be names with texts/,
    ],
    [
      "with a word for an app",
      { plan: "upstash-free", app: "shop" },
      /app: must be an object with the app's name, or a list of such, not "shop"/,
    ],
    ["with a word for a list", { plan: "azure-c0", standby: "none" }, /standby: must be a list of plans/],
    [
      "with an unknown key of the second app",
      { plan: "upstash-free", app: '[{},{"nam":"x"}]' },
      /app\.1\.nam: .*did you mean name/,
    ],
    ["with JSON cut off", { plan: "native", ttl: '{"short":' }, /ttl: /],
    ["with yes for true", { plan: "native", enabled: "yes" }, /enabled: must be true or false, not "yes"/],
    ["with a name in capitals", { plan: "native", name: "Propiq" }, /name: must be 1 to 24 of a-z/],
    ["with a name too long", { plan: "native", name: "a".repeat(25) }, /name: must be 1 to 24/],
    ["with a name that ends in a hyphen", { plan: "native", name: "a-" }, /name: must be 1 to 24/],
    [
      "with a share above 1",
      { plan: "native", expect: '{"hitRateMin":1.5}' },
      /expect\.hitRateMin: must be a share/,
    ],
    [
      "whose minimum is above what is good",
      { plan: "native", expect: '{"hitRateMin":0.9}' },
      /expect\.hitRateMin: must be at most expect\.hitRateGood, which is 0\.7/,
    ],
    [
      "above its budget",
      { plan: "azure-c1", monthlyBudgetUsd: "25" },
      /monthlyBudgetUsd: azure-c1 costs about \$55\.00 a month, more than the \$25/,
    ],
    ["above production's budget", { plan: "azure-standard-c1" }, /monthlyBudgetUsd: /],
    [
      "above its budget by what stands by",
      { plan: "azure-c0", standby: '["azure-managed-b0"]', monthlyBudgetUsd: "20" },
      /with standby azure-managed-b0/,
    ],
    [
      "with a standby that is adopted, too",
      { plan: "upstash-free", standby: '["azure-c0"]', azure: '{"adopt":"by-hand"}' },
      /standby\.0: must not be azure-c0 while azure\.adopt names by-hand/,
    ],
    [
      "with a standby of the same family",
      { plan: "upstash-free", standby: '["upstash-payg"]' },
      /standby\.0: must be of another family/,
    ],
    [
      "with a local standby",
      { plan: "upstash-free", standby: '["native"]' },
      /standby\.0: must be a cloud plan/,
    ],
    [
      "with a standby that is no plan",
      { plan: "upstash-free", standby: '["azure-x"]' },
      /standby\.0: must be one of/,
    ],
    [
      "with a proof of another mode",
      { plan: "native", proof: '{"mode":"indirect"}' },
      /proof\.mode: must be one of direct, app, off.*did you mean direct/,
    ],
    [
      "with an app without a real name",
      { plan: "upstash-free", app: '{"name":"-"}' },
      /app\.name: must be an App Service's name/,
    ],
    [
      "with an unknown key of an app",
      { plan: "upstash-free", app: '{"nam":"x"}' },
      /app\.nam: .*did you mean name/,
    ],
    [
      "with an address that is none",
      { plan: "azure-c0", azure: '{"network":{"allowedIps":["10.0.0"]}}' },
      /azure\.network\.allowedIps\.0: must be an IP address/,
    ],
    [
      "with a key slot that is none",
      { plan: "azure-c0", keySlot: "third" },
      /keySlot: must be one of primary, secondary/,
    ],
    [
      "with an address without @",
      { plan: "azure-c0", alerts: '{"emails":["me"]}' },
      /alerts\.emails\.0: must be an e-mail address/,
    ],
    [
      "with an address that is too long for Azure",
      { plan: "azure-c0", alerts: `{"emails":["${"x".repeat(60)}@example.com"]}` },
      /alerts\.emails\.0: must be at most 64 characters long/,
    ],
    [
      "above its budget by its alerts",
      { plan: "azure-c0", alerts: "{}", monthlyBudgetUsd: "16.5" },
      /azure-c0 and alerts costs about \$16\.56 a month/,
    ],
    [
      "with a proof by an app where none is wired",
      { plan: "external", url: "redis://h", proof: '{"mode":"app"}' },
      /proof\.mode: must be direct or off/,
    ],
    [
      "with a proof by an app that is not managed",
      { plan: "upstash-free", app: '{"manage":false}', proof: '{"mode":"app"}' },
      /proof\.mode: must be direct or off/,
    ],
    [
      "with a resource group of its own that the app lives in",
      { plan: "azure-managed-b0", azure: '{"createResourceGroup":true}', app: "{}" },
      /azure\.createResourceGroup: must be false: luntra-outreach-app lives in propiq-rg/,
    ],
    [
      "with two sizes of one cache that is resized in place",
      { plan: "azure-c1", azure: '{"resize":"in-place"}', standby: '["azure-c0"]' },
      /standby\.0: must be of another service .* one cache in two sizes/,
    ],
    [
      "with one app twice",
      { plan: "upstash-free", app: '[{"name":"a-app"},{"name":"A-app"}]' },
      /app\.1: names an app that stands in the list already/,
    ],
  ];

  it.each(wrong)("%s is refused, naming the key and what is allowed", (_, config, words) => {
    expect(problems(config, "prod")).toMatch(words);
  });

  it("reports all errors at once", () => {
    const message = problems({ plan: "docker", port: "abc", azure: "{}", ttl: '{"short":0}', colour: "red" });
    for (const key of ["port", "azure", "ttl.short", "colour"])
      expect(message).toContain(`propiq-cache:${key}:`);
    expect(message).toContain("The config of stack test has 4 errors. Nothing was changed.");
  });

  it("reports every unknown key of one object", () => {
    const message = problems({ plan: "native", colour: "red", size: "9", ttl: '{"shirt":1,"tall":2}' });
    for (const key of ["colour", "size", "ttl.shirt", "ttl.tall"])
      expect(message).toContain(`propiq-cache:${key}: there is no such key`);
    expect(message).toContain("has 4 errors");
  });

  it("names errors between keys in the same message as errors of other keys", () => {
    const message = problems({ plan: "docker", colour: "red", ttl: '{"short":500,"medium":300}' });
    for (const key of ["colour", "ttl.short"]) expect(message).toContain(`propiq-cache:${key}:`);
    // Nothing is claimed about what a key that is wrong would say if it were right.
    expect(problems({ plan: "docker", ttl: '{"short":"x","medium":300}' })).toContain("has 1 error.");
  });

  it("with a password in the plain is refused, and the password not repeated", () => {
    for (const url of [
      "redis://:hunter2@h:1/0",
      "rediss://hunter2@h",
      "redis://:hunter2@h:99999",
      "foo://:hunter2@h",
    ]) {
      const message = problems({ plan: "external", url });
      expect(message).toContain("url: holds a password in the plain");
      expect(message).toContain("config set --secret url --stack test");
      expect(message).not.toContain("hunter2");
      expect(problems({ plan: "external", url }, "test", ["url"])).not.toContain("hunter2");
    }
    expect(parse({ plan: "external", url: "redis://:hunter2@h:1/0" }, "test", ["url"]).url).toContain(
      "hunter2",
    );
  });

  it("never repeats a secret that landed in the wrong key", () => {
    for (const key of ["plan", "name", "port", "enabled", "keySlot"]) {
      const config = { plan: "external", url: "redis://h", [key]: "redis://:hunter2@h:1" };
      expect(problems(config), key).not.toContain("hunter2");
      expect(problems({ plan: "native", [key]: "hunter2" }, "test", [key]), key).not.toContain("hunter2");
    }
  });
});

describe("the password of an external cache", () => {
  const warningsFor = (password: string) =>
    parse({ plan: "external", url: `redis://:${encodeURIComponent(password)}@h:1/0` }, "test", ["url"])
      .warnings;

  it.each([
    "hunter2",
    "correct",
    "Unbelievable2026!",
    "correct horse",
    "tooshort-9f2c",
    "Donaudampfschiffahrt",
  ])("is reported as guessable when it is %j, and not repeated", (password) => {
    const [warning, ...more] = warningsFor(password);
    expect(warning).toMatchObject({ key: "url" });
    expect(JSON.stringify(warning)).not.toContain(password);
    expect(more).toEqual([]);
  });

  it.each(["f3kQ9vX2mT7zR1wB", "AZ7uQ0pL+d3x/4Gh5kSn==", "correct-horse-battery-staple"])(
    "is not reported when it is %j",
    (password) => expect(warningsFor(password)).toEqual([]),
  );

  it("is not reported where none is set", () => {
    expect(parse({ plan: "external", url: "redis://h:1/0" }).warnings).toEqual([]);
  });
});

describe("the lifetimes of a stack", () => {
  it("are refused where two tiers that the stack sets are in the wrong order", () => {
    expect(problems({ plan: "native", ttl: '{"short":400,"medium":300}' })).toContain(
      "propiq-cache:ttl.short: must be at most ttl.medium, which is 300",
    );
  });

  it("only warn where one of the two is a default", () => {
    expect(parse({ plan: "native", ttl: '{"short":400}' }).warnings).toEqual([
      { key: "ttl.short", words: "must be at most ttl.medium, which is 300 (its default)" },
    ]);
    expect(parse({ plan: "native", ttl: '{"day":100}' }).warnings).toEqual([
      { key: "ttl.day", words: "must be at least ttl.long, which is 3600 (its default)" },
    ]);
    expect(parse({ plan: "native", ttl: '{"short":300}' }).warnings).toEqual([]);
  });

  it("may name single functions", () => {
    const ttl = '{"functions":{"user:profile":"1800","list":60}}';
    expect(parse({ plan: "native", ttl }).ttl.functions).toEqual({ "user:profile": 1800, list: 60 });
    expect(problems({ plan: "native", ttl: '{"functions":{"user profile":0}}' })).toMatch(
      /ttl\.functions\.user profile: must be/,
    );
  });
});

describe("further keys", () => {
  it("are keyPrefix and the age of a key", () => {
    expect(parse({ plan: "native", keyPrefix: "shop-2", expect: '{"keyMaxAgeDays":90}' })).toMatchObject({
      keyPrefix: "shop-2",
      expect: { keyMaxAgeDays: 90 },
    });
    expect(problems({ plan: "native", keyPrefix: "Shop:2" })).toContain(
      "keyPrefix: must be 1 to 32 of a-z, 0-9 and hyphens",
    );
  });
});

describe("a key that no program reads", () => {
  it("has the command that removes it, with a path where it is nested", () => {
    const message = problems({ plan: "native", colour: "red", ttl: '{"smedium":3}' });
    expect(message).toContain("To remove it: ./propiq-cache pulumi config rm colour --stack test");
    expect(message).toContain(
      "To remove it: ./propiq-cache pulumi config rm --path ttl.smedium --stack test",
    );
  });

  it("is reported with all other errors where its namespace is misspelt, and not where it is another provider's", () => {
    const otherKeys = ["propiq-cach:maxMemoryMb", "azure-native:location"];
    let message = "";
    try {
      parseSettings({ plan: "native", port: "0" }, { stack: "test", isSecret: () => false, otherKeys });
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("2 errors");
    expect(message).toContain("propiq-cache:port: must be a whole number");
    expect(message).toContain("propiq-cach:maxMemoryMb: did you mean propiq-cache:maxMemoryMb?");
    expect(message).toContain("config rm propiq-cach:maxMemoryMb --stack test");
  });
});

it("the slot production is the app itself: the key is to be removed", () => {
  expect(() =>
    parseSettings(
      { plan: "upstash-free", app: '{"name":"shop","slot":"production"}' },
      { stack: "prod", isSecret: () => false },
    ),
  ).toThrow(/app\.slot: must be removed: production is the app itself.*\n.*config rm --path app\.slot/);
});
