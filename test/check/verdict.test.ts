import { describe, expect, it } from "vitest";
import { type CheckResult, CODES, type Code, type Impact } from "../../check/report.ts";
import { reportSet } from "../../check/report-set.ts";
import { impactOf, verdictOf } from "../../check/verdict.ts";
import { aReport } from "../support/report.ts";

const base = { id: "ping", title: "PING", durationMs: 1 } as const;
const pass: CheckResult = { ...base, status: "pass" };
const skip: CheckResult = { ...base, status: "skip", code: "TOO_FEW_REQUESTS" };
const loud = (status: "warn" | "fail", code: Code): CheckResult => ({ ...base, status, code, hint: "do" });

describe("the verdict", () => {
  it("is failed with any failure, else degraded with any warning, else healthy", () => {
    expect(verdictOf([pass, skip])).toBe("healthy");
    expect(verdictOf([pass, loud("warn", "MEMORY_HIGH")])).toBe("degraded");
    expect(verdictOf([loud("fail", "LOADING"), loud("warn", "MEMORY_HIGH"), pass])).toBe("failed");
  });
});

describe("the impact", () => {
  it("is the worst that a loud check means for users", () => {
    expect(impactOf([pass, skip])).toBe("none");
    expect(impactOf([loud("warn", "EVICTION_OFF")])).toBe("none");
    expect(impactOf([loud("warn", "EVICTION_OFF"), loud("fail", "AUTH_WRONG")])).toBe("slower");
    expect(impactOf([loud("fail", "TIMEOUT"), loud("warn", "HIT_RATE_LOW")])).toBe("users-affected");
    expect(impactOf([loud("fail", "TCP_TIMEOUT"), loud("warn", "HIT_RATE_LOW")])).toBe("unknown");
  });
});

describe("what a fault means for users, as long as nobody has asked the app,", () => {
  const MEANS: Readonly<Record<Exclude<Impact, "slower">, readonly Code[]>> = {
    none: ["EVICTION_OFF", "MEMORY_HIGH", "TOO_FEW_REQUESTS", "PLAN_DIFFERS", "KEY_OLD"],
    unknown: [
      ...(["DNS_UNAVAILABLE", "TCP_TIMEOUT", "UNREACHABLE", "CONNECTION_RESET", "TLS_HANDSHAKE"] as const),
      ...(["TLS_UNTRUSTED", "PROTECTED_MODE", "SETTINGS_DIFFER"] as const),
    ],
    "users-affected": [
      ...(["TLS_NOT_OFFERED", "TLS_REQUIRED", "TIMEOUT", "TTL_NOT_KEPT", "VALUE_CHANGED"] as const),
      ...(["APP_UNREACHABLE", "APP_STOPPED"] as const),
    ],
  };

  it.each(CODES)("%s", (code) => {
    const means = Object.entries(MEANS).find(([, codes]) => codes.includes(code))?.[0] ?? "slower";
    expect(impactOf([loud("fail", code)])).toBe(means);
  });
});

describe("the impact, once the app has been asked,", () => {
  const answers: CheckResult = { ...pass, id: "app-health" };
  const uses: CheckResult = { ...pass, id: "app-uses-cache" };
  const of = (id: CheckResult["id"], code: Code): CheckResult => ({ ...loud("fail", code), id });

  it.each<[string, CheckResult[], string]>([
    [
      "what is only seen from here does not count where the app uses the cache",
      [of("tcp", "TCP_TIMEOUT"), answers, uses],
      "none",
    ],
    ["an app that answers without its cache is slower", [of("tcp", "TCP_TIMEOUT"), answers], "slower"],
    ["a cache that hangs does not keep it waiting", [of("ping", "TIMEOUT"), answers], "slower"],
    ["wrong data stay wrong", [of("roundtrip", "VALUE_CHANGED"), answers, uses], "users-affected"],
    ["keys that never go stay", [of("ttl", "TTL_NOT_KEPT"), answers, uses], "users-affected"],
    [
      "an app that is down is felt, however its cache is",
      [pass, of("app-health", "APP_UNREACHABLE")],
      "users-affected",
    ],
    [
      "an app without its cache is slower, however that is",
      [pass, answers, of("app-uses-cache", "APP_CACHE_OFF")],
      "slower",
    ],
    [
      "an edit in its settings is not felt while it uses the cache",
      [of("app-settings", "SETTINGS_DIFFER"), answers, uses],
      "none",
    ],
    [
      "an app that does not answer says nothing",
      [of("tcp", "TCP_TIMEOUT"), { ...answers, status: "skip" }],
      "unknown",
    ],
  ])("%s", (_what, checks, impact) => {
    expect(impactOf(checks)).toBe(impact);
  });
});

describe("a set of reports", () => {
  const at = new Date("2026-11-23T10:00:00Z");

  it("is as bad as its worst", () => {
    const reports = [
      aReport({}),
      aReport({ verdict: "failed", impact: "unknown" }),
      aReport({ verdict: "degraded" }),
    ];
    expect(reportSet(reports, at)).toEqual({
      schema: 1,
      generatedAt: "2026-11-23T10:00:00.000Z",
      verdict: "failed",
      impact: "unknown",
      reports,
    });
  });

  it("is healthy where only some caches are disabled, and disabled where all are", () => {
    const off = aReport({ verdict: "disabled" });
    expect(reportSet([off, aReport({})], at).verdict).toBe("healthy");
    expect(reportSet([off], at).verdict).toBe("disabled");
  });
});
