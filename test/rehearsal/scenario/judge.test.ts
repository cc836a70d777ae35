import { describe, expect, it } from "vitest";
import { essenceOf, judgeStep, type StepFacts } from "../../../rehearsal/scenario/judge.ts";
import { verdictOf } from "../../../rehearsal/scenario/report.ts";
import { aStep } from "./samples.ts";

const WELL: StepFacts = {
  ...{ exitCode: 0, requests: { sent: 10, failed: 0, longestGapMs: 100 }, said: "" },
  ...{ appRestarts: 1, settingsWritten: ["REDIS_URL"], foreignSettingsChanged: [] },
  ...{ attempts: [], defects: [] },
};
const judged = (facts: Partial<StepFacts>) => judgeStep({ ...WELL, ...facts }, "./again");
const REFUSED = { say: "The cloud refuses.", expected: "failed" } as const;

describe("a step", () => {
  it("that did what it should has no code", () => {
    expect(judged({})).toEqual({});
  });

  it.each([
    ["COMMAND_FAILED", { exitCode: 1, said: "no role" }],
    ["REQUESTS_FAILED", { requests: { sent: 10, failed: 1, longestGapMs: 100 } }],
    ["FOREIGN_SETTINGS_CHANGED", { foreignSettingsChanged: ["DATABASE_URL"] }],
    ["LEFT_LOOPBACK", { attempts: ["example.com:443"] }],
    ["NOT_EMULATED", { defects: ["Error: no such call here\n  at x"] }],
    ["SETTINGS_NOT_RESTORED", { left: { caches: [], settings: ["REDIS_URL"] } }],
    ["NOT_DELETED", { left: { caches: ["propiq-redis-1"], settings: [] } }],
    ["CLOUD_FAILED", { exitCode: 1, failure: REFUSED }],
    ["FAILURE_NOT_SEEN", { failure: REFUSED }],
  ] satisfies [string, Partial<StepFacts>][])("%s says what was seen and what to do", (code, facts) => {
    const { code: found, observed, hint } = judged(facts);
    expect(found).toBe(code);
    expect(observed).toMatch(/\w/);
    expect(hint).toMatch(/\w/);
  });

  it("may fail, and lose requests, where a failure was asked for", () => {
    const requests = { sent: 10, failed: 5, longestGapMs: 3000 };
    expect(judged({ exitCode: 1, failure: REFUSED, requests }).code).toBe("CLOUD_FAILED");
  });

  it("may not connect to other machines, even where a failure was asked for", () => {
    expect(judged({ exitCode: 1, failure: REFUSED, attempts: ["192.0.2.1:443"] })).toMatchObject({
      code: "LEFT_LOOPBACK",
      observed: expect.stringContaining("192.0.2.1:443"),
    });
  });

  it("succeeds where the command repeats what the cloud refused", () => {
    expect(judged({ failure: { say: "Throttled.", expected: "absorbed" } })).toEqual({});
  });
});

describe("the verdict", () => {
  it("is passed when a rehearsed failure was recovered", () => {
    expect(verdictOf([aStep({ name: "up", code: "CLOUD_FAILED" }), aStep({ name: "recover up" })])).toBe(
      "passed",
    );
  });

  it.each([
    ["nothing ran", []],
    ["nothing came after a rehearsed failure", [aStep({ code: "CLOUD_FAILED" })]],
    ["a step failed", [aStep({ code: "REQUESTS_FAILED" }), aStep({})]],
  ])("is failed when %s", (_, steps) => {
    expect(verdictOf(steps)).toBe("failed");
  });
});

describe("the essence of an output", () => {
  it("is Pulumi's errors without the text around them", () => {
    const output = [
      "Updating (prod):",
      "  error: update failed",
      "  error: 1 error occurred:",
      "  error: the account already has its one free database",
      "Resources: 3 unchanged",
    ].join("\n");
    expect(essenceOf(output)).toBe("the account already has its one free database");
  });

  it("is the last lines where nothing calls itself an error", () => {
    expect(essenceOf("one\n\ntwo\nthree\nfour\nfive\n")).toBe("two three four five");
  });
});
