import { describe, expect, it } from "vitest";
import { adviceSentence } from "../../../base/advice.ts";
import type { CheckResult, Code, Impact, Report } from "../../../check/report.ts";
import { changesIn } from "../../../operations/incident/activity-log.ts";
import { commitsIn, updateIn } from "../../../operations/incident/changes.ts";
import { decide, type IncidentFacts } from "../../../operations/incident/judge.ts";
import { renderIncident } from "../../../operations/incident/report.ts";
import { sinceInChanges, sinceInHistory } from "../../../operations/incident/since.ts";

const OFF = { say: "End the impact.", run: ["./propiq-cache off --stack prod"] };

function fail(id: CheckResult["id"], code: Code): CheckResult {
  const hint = `fix ${code}`;
  return { id, title: id, status: "fail", code, hint, advice: { say: hint, run: [] }, durationMs: 0 };
}
function facts(impact: Impact, checks: CheckResult[], changes: Partial<IncidentFacts> = {}): IncidentFacts {
  const now: Partial<Report> = changes.report?.now === undefined ? {} : { now: changes.report.now };
  return {
    stack: "prod",
    app: { name: "app", resourceGroup: "rg" },
    ...changes,
    report: { verdict: checks.length > 0 ? "failed" : "healthy", impact, checks, ...now },
  };
}
const withOff = { report: { now: OFF } as unknown as Report };
const lines = (given: IncidentFacts) => {
  const { now, then } = decide(given);
  return [adviceSentence(now), adviceSentence(then)];
};

describe("the two commands of an incident", () => {
  it("start an app that is stopped, whatever else is wrong, and name the other cause", () => {
    const [now, then] = lines(
      facts("users-affected", [fail("auth", "AUTH_WRONG"), fail("app-health", "APP_STOPPED")], withOff),
    );
    expect(now).toContain("az webapp start --name app --resource-group rg");
    expect(then).toContain("./propiq-cache repair --stack prod");
  });

  it("restart an app that is down while its cache works", () => {
    const [now, then] = lines(facts("users-affected", [fail("app-health", "APP_UNREACHABLE")]));
    expect(now).toContain("az webapp restart");
    expect(then).toContain("az webapp log tail");
  });

  it("disable a cache that affects users, and repair what differs from the stack before it is enabled", () => {
    for (const code of ["AUTH_WRONG", "DNS_NOT_FOUND"] as const) {
      const [now, then] = lines(facts("slower", [fail("auth", code)], withOff));
      expect(now).toContain("off --stack prod");
      expect(then).toContain("repair --stack prod && ./propiq-cache on --stack prod");
    }
  });

  it("keep the advice of the check where repair would not help", () => {
    const [now, then] = lines(facts("users-affected", [fail("ping", "TIMEOUT")], withOff));
    expect(now).toContain("off --stack prod");
    expect(then).toContain("fix TIMEOUT");
  });

  it("do not name repair for the fault of a cache of another team, and do for edited settings", () => {
    const external = { ...withOff, provider: "external" } as const;
    for (const [id, code] of [
      ["auth", "AUTH_WRONG"],
      ["tcp", "TCP_REFUSED"],
    ] as const)
      expect(lines(facts("slower", [fail(id, code)], external))[1]).toContain(`fix ${code}`);
    const [, then] = lines(facts("slower", [fail("app-settings", "SETTINGS_DIFFER")], external));
    expect(then).toContain("repair --stack prod");
  });

  it("write settings again at once where the app does without its cache already", () => {
    const [now] = lines(facts("slower", [fail("app-settings", "SETTINGS_REMOVED")]));
    expect(now).toContain("./propiq-cache repair --stack prod");
  });

  it("have no impact to end where the cache works, or was disabled on purpose", () => {
    expect(lines(facts("none", []))[0]).toContain("No user impact");
    const disabled = facts("none", []);
    const meant = {
      ...disabled,
      isEnabledInConfig: false,
      report: { ...disabled.report, verdict: "disabled" },
    };
    expect(lines(meant as IncidentFacts)[0]).toContain("is configured to run without its cache");
  });
});

describe("since when", () => {
  it("is the first run that failed after the last one that did not", () => {
    const runs = ["healthy", "failed", "healthy", "failed", "failed"].map((verdict, index) => ({
      verdict,
      at: `2026-11-25T0${index}:00:00.000Z`,
    }));
    expect(sinceInHistory(runs as never)).toBe("2026-11-25T03:00:00.000Z");
    expect(sinceInHistory(runs.slice(0, 1) as never)).toBeUndefined();
  });

  it("is the change in Azure that explains the fault", () => {
    const change = (what: string, at: string) => ({ what, at, source: "azure" as const });
    const changes = [
      change("Microsoft.Web/sites/config/write on app", "2"),
      change("x/regenerateKey/action on c", "1"),
    ];
    expect(sinceInChanges(["AUTH_WRONG"], changes)).toBe("1");
    expect(sinceInChanges(["MAX_CLIENTS"], changes)).toBeUndefined();
  });
});

describe("changes", () => {
  it("of Azure are reported once, with the caller, without reads and failed requests", () => {
    const event = (operation: string, status: string, at: string, correlationId = "1") => ({
      ...{ eventTimestamp: at, correlationId, caller: "ann@example.com", resourceId: "/a/b/cache" },
      ...{ operationName: { value: operation }, status: { value: status } },
    });
    expect(
      changesIn([
        event("Microsoft.Cache/redis/regenerateKey/action", "Succeeded", "2026-11-25T10:00:01Z"),
        event("Microsoft.Cache/redis/regenerateKey/action", "Started", "2026-11-25T10:00:00Z"),
        event("Microsoft.Cache/redis/listKeys/action", "Succeeded", "2026-11-25T10:00:00Z", "2"),
        event("Microsoft.Cache/redis/delete", "Failed", "2026-11-25T10:00:00Z", "3"),
        "no event",
      ]),
    ).toEqual([
      {
        at: "2026-11-25T10:00:00.000Z",
        what: "Microsoft.Cache/redis/regenerateKey/action on cache",
        who: "ann@example.com",
        source: "azure",
      },
    ]);
  });

  it("of the config are commits, and of the stack its updates", () => {
    expect(commitsIn("2026-11-25T10:00:00+01:00\u001fAnn\u001fabc1234\u001fGrow to b0\n")).toEqual([
      { at: "2026-11-25T09:00:00.000Z", what: "abc1234 Grow to b0", who: "Ann", source: "git" },
    ]);
    const update = {
      kind: "update",
      startTime: 1795642946,
      result: "failed",
      resourceChanges: { same: 3, update: 1 },
    };
    expect(updateIn(JSON.stringify(update))).toMatchObject({
      what: "update failed: update 1",
      source: "pulumi",
    });
    for (const damaged of ["{", "null", "7", '"x"', "[]", '{"kind":"update","startTime":1e300}'])
      expect(updateIn(damaged)).toBeUndefined();
    for (const strange of [7, "x", [], null])
      expect(
        updateIn(JSON.stringify({ ...update, environment: strange, resourceChanges: strange })),
      ).toMatchObject({ source: "pulumi" });
  });
});

it("puts the impact in the first line and the command in the second", () => {
  const text = renderIncident({
    ...{ schema: 1, verdict: "failed", impact: "slower", codes: ["AUTH_WRONG"] },
    ...{ summary: "The app is slower for users.", changes: [], observed: [], notAsked: [] },
    ...{ now: OFF, then: { say: "Repair it." } },
  });
  expect(text.split("\n").slice(0, 2)).toEqual([
    "The app is slower for users. (AUTH_WRONG)",
    "Run: ./propiq-cache off --stack prod",
  ]);
});
