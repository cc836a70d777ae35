/** Each fault of the fault table under an app in each state: the right impact, and the right command. */
import { describe, expect, it } from "vitest";
import { commandLine } from "../../../base/command.ts";
import { endOfImpact } from "../../../check/consequences.ts";
import { describe as inWords } from "../../../check/describe.ts";
import type { Finding } from "../../../check/finding.ts";
import { type CheckId, CODES, type Code, type Impact } from "../../../check/report.ts";
import type { Subject } from "../../../check/subject.ts";
import { impactOf, verdictOf } from "../../../check/verdict.ts";
import { type Decision, decide, type IncidentFacts } from "../../../operations/incident/judge.ts";

const app = { name: "the-app", resourceGroup: "the-group" };
const OFF = "./propiq-cache off --stack prod";
const ON = "./propiq-cache on --stack prod";
const REPAIR = "./propiq-cache repair --stack prod";
const OF_AZ = " --name the-app --resource-group the-group";

/** Where a fault shows; what is not here shows in the write and read. */
const PLACES: Partial<Readonly<Record<Code, CheckId>>> = {
  DNS_NOT_FOUND: "dns",
  DNS_UNAVAILABLE: "dns",
  TCP_REFUSED: "tcp",
  TCP_TIMEOUT: "tcp",
  UNREACHABLE: "tcp",
  AUTH_REQUIRED: "auth",
  AUTH_WRONG: "auth",
  TTL_NOT_KEPT: "ttl",
  TIMEOUT: "ping",
};
/** These warn and do not fail, or are of the app itself. */
const WARNINGS = [
  ...(["EVICTION_OFF", "MEMORY_HIGH", "HIT_RATE_LOW", "TOO_FEW_REQUESTS", "RESPONSE_SLOW"] as const),
  ...(["PLAN_DIFFERS", "CACHE_FAR", "KEY_OLD"] as const),
];
const OF_APP = [
  ...(["APP_UNREACHABLE", "APP_STOPPED", "APP_CACHE_OFF", "APP_NOT_USING_CACHE"] as const),
  ...(["SETTINGS_DIFFER", "SETTINGS_REMOVED", "SECRET_REF_UNRESOLVED"] as const),
];
const isIn = (codes: readonly Code[], code: Code) => codes.includes(code);
const FAULTS = CODES.filter((code) => !isIn(WARNINGS, code) && !isIn(OF_APP, code));
/** Seen from this machine, which is not where the app runs. */
const ONLY_FROM_HERE: readonly Code[] = [
  ...(["DNS_UNAVAILABLE", "TCP_TIMEOUT", "UNREACHABLE", "CONNECTION_RESET", "TLS_HANDSHAKE"] as const),
  ...(["TLS_UNTRUSTED", "PROTECTED_MODE"] as const),
];
const DIFFERENCES: readonly Code[] = ["AUTH_WRONG", "AUTH_REQUIRED", "DNS_NOT_FOUND", "TCP_REFUSED"];

const fault = (code: Code, status: "fail" | "warn" = "fail"): Finding => ({
  ...{ id: PLACES[code] ?? "roundtrip", status, code, observed: "observed" },
});
const pass = (id: CheckId): Finding => ({ id, status: "pass", observed: "well" });
const fail = (id: CheckId, code: Code): Finding => ({ id, status: "fail", code, observed: "observed" });

interface Outcome extends Decision {
  impact: Impact;
  run: string[];
}

/** As `incident` comes to its answer, from what was found. */
function outcome(
  found: readonly Finding[],
  { stack = "prod", ...given }: Partial<IncidentFacts> & { stack?: string | undefined } = {},
): Outcome {
  const isDisabled = given.isDisabled === true;
  const host = "propiq.redis.cache.windows.net";
  const subject: Subject = {
    enabled: !isDisabled,
    provider: "azure",
    target: { host, port: 6380, tls: true, db: 0, password: "p" },
    apps: [{ ...app, ...(stack === "" ? {} : { stack }) }],
  };
  const checks = inWords(found, subject, (text) => text);
  const impact = impactOf(checks);
  const off = endOfImpact(checks, impact, subject);
  const isDown = checks.some(({ status }) => status === "fail");
  const decision = decide({
    report: {
      checks,
      impact,
      verdict: isDisabled && !isDown ? "disabled" : verdictOf(checks),
      ...(off === undefined ? {} : { now: { say: "End the impact.", run: [commandLine(off)] } }),
    },
    stack: stack === "" ? undefined : stack,
    app,
    isEnabledInConfig: !isDisabled,
    ...given,
  });
  return { impact, ...decision, run: decision.now.run };
}

const wired = [pass("app-settings"), pass("app-health")];
/** An app that does without its cache, and says that it has lost it. */
const lost = fail("app-uses-cache", "APP_NOT_USING_CACHE");

describe("under an app that uses the cache,", () => {
  it.each(FAULTS)("%s is ended by off, and its cause is fixed before the cache is enabled", (code) => {
    const { impact, run, then } = outcome([fault(code), ...wired, lost]);
    const hasWrongData = code === "TTL_NOT_KEPT" || code === "VALUE_CHANGED";
    expect(impact).toBe(hasWrongData ? "users-affected" : "slower");
    expect(run).toEqual([OFF]);
    expect(then.run.at(-1)).toBe(ON);
    if (DIFFERENCES.includes(code)) expect(then.run).toEqual([REPAIR, ON]);
  });

  it.each(ONLY_FROM_HERE)("%s that only this machine sees is not a reason for off", (code) => {
    const { impact, run } = outcome([fault(code), ...wired, pass("app-uses-cache")]);
    expect(impact).toBe("none");
    expect(run).not.toContain(OFF);
  });

  it.each(FAULTS)("%s that takes the app down is ended by off", (code) => {
    const down = [pass("app-settings"), fail("app-health", "APP_UNREACHABLE")];
    const { impact, run } = outcome([fault(code), ...down]);
    expect(impact).toBe("users-affected");
    expect(run).toEqual([OFF]);
  });

  it.each(WARNINGS)("the warning %s has its own advice, and claims nothing else", (code) => {
    const { impact, now, then } = outcome([fault(code, "warn"), ...wired, pass("app-uses-cache")]);
    const advice = impact === "none" ? then : now;
    expect(advice.run.length).toBeGreaterThan(0);
    expect(now.say.startsWith("No user impact")).toBe(impact === "none");
    expect(now.run).not.toContain(OFF);
  });
});

describe("under an app whose cache is disabled,", () => {
  it("no fault of the cache is the cause", () => {
    const { impact, run, then } = outcome([], { isDisabled: true });
    expect(impact).toBe("none");
    expect(run).toEqual([]);
    expect(then.run).toEqual([ON]);
  });

  it("an app that is down for its own reasons is restarted", () => {
    const { impact, run } = outcome([fail("app-health", "APP_UNREACHABLE")], { isDisabled: true });
    expect(impact).toBe("users-affected");
    expect(run).toEqual([`az webapp restart${OF_AZ}`]);
  });

  it("by another tool, it is enabled again", () => {
    const cacheOff = fail("app-settings", "APP_CACHE_OFF");
    const { impact, run } = outcome([cacheOff, pass("app-health")], { isEnabledInConfig: true });
    expect(impact).toBe("slower");
    expect(run).toEqual([ON]);
  });
});

describe("under an app whose settings another tool removed,", () => {
  const removed = [fail("app-settings", "SETTINGS_REMOVED"), pass("app-health")];

  it.each([undefined, ...FAULTS])("%s or not, the settings are written again", (code) => {
    const found = [...(code === undefined ? [] : [fault(code)]), ...removed];
    const { run } = outcome([...found, fail("app-uses-cache", "APP_CACHE_OFF")]);
    expect(run).toContain(REPAIR);
    expect(run).not.toContain(OFF);
  });
});

describe("under an app whose settings another tool edited,", () => {
  it("off ends the impact, and repair fixes the cause", () => {
    const { run, then } = outcome([
      fault("TCP_REFUSED"),
      fail("app-settings", "SETTINGS_DIFFER"),
      pass("app-health"),
      lost,
    ]);
    expect(run).toEqual([OFF]);
    expect(then.run).toContain(REPAIR);
  });
});

describe("under an app that is down for its own reasons,", () => {
  it("a cache that works is not the cause: the app is restarted", () => {
    const { impact, run, then } = outcome([pass("app-settings"), fail("app-health", "APP_UNREACHABLE")]);
    expect(impact).toBe("users-affected");
    expect(run).toEqual([`az webapp restart${OF_AZ}`]);
    expect(then.run).toEqual([`az webapp log tail${OF_AZ}`]);
  });

  it.each([undefined, ...FAULTS])("a stopped app is started, with %s as the other cause", (code) => {
    const found = [...(code === undefined ? [] : [fault(code)]), pass("app-settings")];
    const { impact, run, then } = outcome([...found, fail("app-health", "APP_STOPPED")]);
    expect(impact).toBe("users-affected");
    expect(run).toEqual([`az webapp start${OF_AZ}`]);
    if (code !== undefined && DIFFERENCES.includes(code)) expect(then.run).toContain(REPAIR);
  });
});

describe("under an app that no known stack wires,", () => {
  it.each(FAULTS)("%s is ended by a command of az, and no command names a stack", (code) => {
    const { run, then } = outcome([fault(code), ...wired, lost], { stack: "" });
    expect(run).toEqual([`az webapp config appsettings set${OF_AZ} --settings REDIS_ENABLED=false`]);
    expect([...run, ...then.run].join("\n")).not.toMatch(/--stack/);
  });
});
