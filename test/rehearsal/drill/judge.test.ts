import { describe, expect, it } from "vitest";
import { isMarginal, judge, type Observation } from "../../../rehearsal/drill/judge.ts";
import { percentile } from "../../../rehearsal/drill/load.ts";
import { anObservation, answered, REFERENCE, times } from "./samples.ts";

const LIMIT_MS = 100;
const codeOf = (changes: Partial<Observation>, reference = REFERENCE) =>
  judge(anObservation(changes), reference, LIMIT_MS).code;

const death = { code: 1, signal: null, afterMs: 50 };
const refused = { url: "u", startedMs: 5, endedMs: 6, error: "ECONNREFUSED" };
const unanswered = { url: "u", startedMs: 9000 };
const notRecovered = () => {
  const { recoveredAfterMs: _, ...seen } = anObservation();
  return judge(seen, REFERENCE, LIMIT_MS).code;
};

describe("a fault is", () => {
  it("passed when no request failed, none was slow, and the cache is used again", () => {
    expect(codeOf({})).toBeUndefined();
  });

  it.each<[string, Partial<Observation>, string]>([
    ["an app that did not start", { started: false, death }, "DID_NOT_START"],
    ["an app that ended", { death, during: [refused] }, "APP_DIED"],
    ["an answer with an error", { during: [answered(5), answered(5, 500)] }, "REQUESTS_FAILED"],
    ["a connection that the app refused", { during: [refused] }, "REQUESTS_FAILED"],
    ["no answer", { during: [unanswered] }, "REQUESTS_FAILED"],
    ["an answer more than 2 s after the fault", { during: [answered(3001, 200, 9000)] }, "REQUESTS_FAILED"],
    ["an error after the fault", { after: [answered(5, 503, 10_100)] }, "REQUESTS_FAILED"],
    ["a p99 above the limit", { during: times(20, answered(121)) }, "REQUESTS_SLOW"],
  ])("failed for %s", (_, changes, code) => {
    expect(codeOf(changes)).toBe(code);
  });

  it("failed for a cache that is not used again", () => {
    expect(notRecovered()).toBe("NOT_RECOVERED");
  });

  it("passed at the limit itself, and with 1 slow request in 100", () => {
    expect(codeOf({ during: times(20, answered(120)) })).toBeUndefined();
    expect(codeOf({ during: [...times(99, answered(15)), answered(5000)] })).toBeUndefined();
  });
});

it("compares the first requests of a process with the first ones of a process without a cache", () => {
  const during = times(20, answered(390));
  expect(codeOf({ during, fault: "start-without" })).toBeUndefined();
  expect(codeOf({ during, fault: "down" })).toBe("REQUESTS_SLOW");
  expect(codeOf({ during: times(20, answered(410)), fault: "start-without" })).toBe("REQUESTS_SLOW");
});

describe("requests that fail without a cache as well", () => {
  it("are not judged when most of them do", () => {
    const reference = { ...REFERENCE, failedShares: new Map([["u", 1]]) };
    expect(codeOf({ during: times(20, answered(5, 500)) }, reference)).toBeUndefined();
  });

  it("are judged by how many more fail", () => {
    const reference = { ...REFERENCE, failedShares: new Map([["u", 0.05]]) };
    expect(
      codeOf({ during: [...times(18, answered(5)), ...times(2, answered(5, 500))] }, reference),
    ).toBeUndefined();
    expect(codeOf({ during: times(20, answered(5, 500)) }, reference)).toBe("REQUESTS_FAILED");
  });
});

it("repeats a fault when a minority of the requests was slow", () => {
  const few = judge(
    anObservation({ during: [...times(16, answered(15)), ...times(4, answered(500))] }),
    REFERENCE,
    LIMIT_MS,
  );
  const many = judge(
    anObservation({ during: [...times(14, answered(15)), ...times(6, answered(500))] }),
    REFERENCE,
    LIMIT_MS,
  );
  expect([isMarginal(few), isMarginal(many)]).toEqual([true, false]);
});

it("computes percentiles by nearest rank", () => {
  const values = Array.from({ length: 200 }, (_, index) => index + 1);
  expect([percentile(values, 0.5), percentile(values, 0.99), percentile([], 0.5)]).toEqual([
    100,
    198,
    undefined,
  ]);
});
