import { describe, expect, it } from "vitest";
import type { ReportSet } from "../../../check/report.ts";
import type { IncidentReport } from "../../../operations/incident/report.ts";
import { driftNotice } from "../../../scripts/ci/drift-notice.ts";
import { parseNotice } from "../../../scripts/ci/notice.ts";
import { shareOfPlan } from "../../../scripts/ci/share.ts";
import { changeOfRun, verifyNotice } from "../../../scripts/ci/verify-notice.ts";
import {
  actionFor,
  nextWatch,
  type Outcome,
  outcomeOf,
  parseWatch,
  type Watch,
} from "../../../scripts/ci/watch.ts";
import { aReport, aSet } from "./samples.ts";

const at = (minute: number) => `2026-11-24T02:${String(minute).padStart(2, "0")}:00.000Z`;

/** The states after runs that came to this, one a minute. */
function statesAfter(...outcomes: Outcome[]): Watch[] {
  const states: Watch[] = [];
  outcomes.forEach((outcome, minute) => {
    states.push(nextWatch(states.at(-1), { outcome, at: at(minute), change: `change ${minute}` }));
  });
  return states;
}

describe("a check by the clock", () => {
  it("is reported from the nth failure in a row on, until it is healthy", () => {
    const actions = statesAfter("failed", "failed", "unasked", "well", "failed").map((watch) =>
      actionFor(watch, 2),
    );
    expect(actions).toEqual(["none", "alarm", "alarm", "well", "none"]);
  });

  it("remembers when it began and what was different then, not what came after", () => {
    expect(statesAfter("well", "failed", "failed", "unasked").at(-1)).toEqual({
      schema: 1,
      failures: 3,
      since: at(1),
      change: "change 1",
      wellAt: at(0),
      at: at(3),
    });
  });

  it("starts again once it was healthy", () => {
    expect(statesAfter("failed", "well", "failed").at(-1)).toMatchObject({
      failures: 1,
      since: at(2),
      wellAt: at(1),
    });
  });

  it("notices that it did not run for more than two intervals, and ends that alarm with the next run", () => {
    const intervalMs = 60_000;
    const first = nextWatch(undefined, { outcome: "well", at: at(0), intervalMs });
    const late = nextWatch(first, { outcome: "well", at: at(2), intervalMs });
    expect(late.missedSince).toBeUndefined();
    const missed = nextWatch(late, { outcome: "well", at: at(9), intervalMs });
    expect(missed.missedSince).toBe(at(2));
    expect(parseWatch(JSON.stringify(missed))).toEqual(missed);
    expect(actionFor(missed, 2)).toBe("alarm");
    const notice = verifyNotice({
      ...{ stack: "prod", watch: missed, before: late, after: 2, set: aSet(), now: at(9), runUrl: "" },
    });
    expect(notice).toMatchObject({ action: "alarm", turned: true });
    expect(notice.title).toBe("The check of stack prod did not run for 7 min");
    expect(notice.body).toContain("No check ran for 7 min, from 02:02 UTC to 02:09 UTC");
    expect(actionFor(nextWatch(missed, { outcome: "well", at: at(10), intervalMs }), 2)).toBe("well");
  });

  it("counts an exit code that is neither healthy nor failed as a check that could not run", () => {
    expect([0, 1, 2, 130, 137].map(outcomeOf)).toEqual(["well", "failed", "unasked", "unasked", "unasked"]);
  });

  it("counts from the start where its saved state is lost or invalid", () => {
    for (const text of ["", "{", "[]", "null", '{"schema":1,"failures":-1}', '{"schema":2,"failures":1}'])
      expect(parseWatch(text)).toBeUndefined();
    const watch = statesAfter("well", "failed").at(-1);
    expect(parseWatch(JSON.stringify(watch))).toEqual(watch);
  });
});

describe("its issue", () => {
  const watch: Watch = { schema: 1, failures: 3, since: at(1), change: "healthy → failed", wellAt: at(0) };
  const seen = (set: ReportSet | undefined, incident?: IncidentReport) =>
    verifyNotice({ stack: "prod", watch, after: 2, set, incident, now: at(9), runUrl: "https://x/1" });
  const incident: IncidentReport = {
    ...{ schema: 1, verdict: "failed", impact: "users-affected" },
    summary: "Users are affected: the app waits for its cache.",
    codes: ["TIMEOUT"],
    changes: [{ at: at(1), what: "write on `cache` ``` @team", who: "someone", source: "azure" }],
    now: { say: "End the impact.", run: ["./propiq-cache off --stack prod"] },
    then: { say: "Fix it.", run: ["./propiq-cache repair --stack prod"] },
    observed: ["PING: no answer"],
    notAsked: [],
  };

  it("says the impact, since when, what changed, what is wrong and what to type", () => {
    const { title, body, action } = seen(aSet(aReport({ stack: "prod" })));
    expect(action).toBe("alarm");
    expect(title).toBe("Cache of stack prod: AUTH_WRONG");
    expect(body.split("\n").slice(1, 3)).toEqual([
      expect.stringMatching(/^Users are affected.* \(AUTH_WRONG\)$/),
      "Run: ./propiq-cache off --stack prod",
    ]);
    expect(body).toContain("**Since:** 02:01 UTC, 3 times in a row by now; last well at 02:00 UTC");
    expect(body).toContain("**What changed:** healthy → failed");
    expect(body).toContain("AUTH_WRONG: the password was refused");
  });

  it("begins as incident does, has all of its output, and hands the two lines to a webhook", () => {
    const { body, lines } = seen(aSet(aReport({ stack: "prod" })), incident);
    expect(lines).toEqual([
      "Users are affected: the app waits for its cache. (TIMEOUT)",
      "Run: ./propiq-cache off --stack prod",
    ]);
    expect(body.split("\n").slice(1, 3)).toEqual(lines);
    expect(body).toContain("Run: ./propiq-cache repair --stack prod");
    // Foreign text stands in a block that it cannot end, and calls nobody.
    expect(body).toMatch(/\n````text\n[\s\S]*``` @team, by someone\n````\n/);
  });

  it("does not advise to disable a cache whose state is unknown", () => {
    const { title, body } = seen(undefined);
    expect(title).toBe("Cache of stack prod could not be checked");
    expect(body).toContain("The impact is unknown: the check could not run.");
    expect(body).toContain("Run: ./propiq-cache incident --stack prod");
    expect(body).not.toContain("propiq-cache off");
  });

  it("names what prevented a check", () => {
    const notAsked = [{ stack: "prod", reason: "no state @all", hint: "sign in" }];
    expect(seen({ ...aSet(), notAsked }).body).toContain("- no state @<!-- -->all → sign in");
  });

  it("shows what changed from the check that failed first", () => {
    const previous = { at: at(0), verdict: "healthy" as const, codes: [] };
    expect(changeOfRun(aSet(aReport({ previous })))).toBe("Since 02:00 UTC: healthy → failed (AUTH_WRONG).");
    expect(changeOfRun(aSet(aReport({ verdict: "healthy", checks: [] })))).toBeUndefined();
  });

  it("reports to receivers without a list only the first alarm and the end of one", () => {
    const states = statesAfter("well", "failed", "failed", "failed", "well", "failed", "well");
    const turned = states.map((each, run) => {
      const before = states[run - 1];
      const over = {
        stack: "prod",
        after: 2,
        now: at(9),
        runUrl: "",
        ...(before === undefined ? {} : { before }),
      };
      return verifyNotice({ ...over, watch: each }).turned;
    });
    expect(turned).toEqual([false, false, true, false, true, false, false]);
  });

  it("is handed over whole, or refused", () => {
    const notice = seen(aSet(aReport({})));
    expect(parseNotice(JSON.stringify(notice))).toEqual(notice);
    for (const over of [{ action: "shout" }, { about: "all" }, { schema: 2 }, { body: 1 }, { lines: "x" }])
      expect(() => parseNotice(JSON.stringify({ ...notice, ...over }))).toThrow();
  });
});

describe("drift", () => {
  const notice = (exitCode: number, text = "REDIS_URL differs") =>
    driftNotice({ stack: "prod", text, exitCode, now: at(0), runUrl: "https://x/1" });

  it("is reported at once, and ends once the drift is fixed", () => {
    expect([0, 1, 2].map((code) => notice(code).action)).toEqual(["well", "alarm", "alarm"]);
    expect(notice(1)).toMatchObject({ title: "Stack prod has drifted" });
    expect(notice(2)).toMatchObject({ title: "Stack prod could not be compared with its cloud" });
  });

  it("shows the command's text in a block that the text cannot end", () => {
    const { body } = notice(1, "````\n@team <b>\n```");
    expect(body).toContain("`````text\n````\n@team <b>\n```\n`````");
  });
});

describe("the share of a plan's commands", () => {
  it("is reported where the plan counts them", () => {
    expect(shareOfPlan("upstash-free", 20, 730)).toBe(
      "This check sends 20 commands, 14,600 a month at 730 runs: 2.9% of the 500,000 of plan upstash-free.",
    );
    expect(shareOfPlan("azure-c0", 20, 730)).toContain("plan azure-c0 has no limit on their number.");
    expect(shareOfPlan(undefined, 20, 730)).toContain("plan unknown");
  });
});
