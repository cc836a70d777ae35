import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PastRun } from "../../../check/history/past-run.ts";
import { reportSet } from "../../../check/report-set.ts";
import { addToHistory, openHistory, pastOf } from "../../../scripts/commands/history.ts";
import { aRun } from "../../support/history.ts";
import { aReport } from "../../support/report.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-history-"));
});
afterAll(() => rm(folder, { recursive: true }));

const {
  hits: _hits,
  misses: _misses,
  ...uncounted
} = aRun({ at: "2026-11-23T20:30:00.000Z", verdict: "failed" });
const cache = { stack: "dev", endpoint: "127.0.0.1:6379" };

describe("what is known of a cache from before", () => {
  it("is its last run, and the last counts that the server reported", () => {
    const past = pastOf({ runs: [aRun(), uncounted, aRun({ stack: "prod" })], skippedLines: 0 })(cache);
    expect(past.previous).toMatchObject({ at: uncounted.at, verdict: "failed" });
    expect(past.since).toEqual({ at: aRun().at, hits: 800, misses: 200 });
  });

  it("is not what a machine with a wrong clock has written", () => {
    const [tomorrow, soon] = ["2026-11-24T21:05:00.000Z", "2026-11-23T21:35:00.000Z"].map((at) =>
      aRun({ at }),
    ) as [PastRun, PastRun];
    const past = (...runs: PastRun[]) =>
      pastOf({ runs, skippedLines: 0 }, new Date("2026-11-23T21:05:00Z"))(cache);
    expect(past(aRun(), tomorrow)).toMatchObject({ previous: { at: aRun().at }, since: { at: aRun().at } });
    expect(past(aRun(), soon).previous?.at).toBe(soon.at);
  });

  it("has no counts of another server, and nothing of another cache", () => {
    const past = pastOf({ runs: [aRun()], skippedLines: 0 });
    expect(past({ ...cache, endpoint: "elsewhere:1" }).since).toBeUndefined();
    expect(past({ ...cache, endpoint: "elsewhere:1" }).previous).toBeDefined();
    expect(past({ ...cache, stack: "prod" })).toEqual({});
  });
});

it("a history that cannot be read or written is reported without a stack trace", async () => {
  const set = reportSet([aReport({})], new Date());
  await expect(openHistory(folder)).rejects.toMatchObject({ name: "PropiqError", exitCode: 2 });
  await expect(addToHistory(join(folder, "no", "such"), set)).rejects.toMatchObject({ name: "PropiqError" });
});

it("a run is added under the report's own time", async () => {
  const path = join(folder, "history.jsonl");
  const set = reportSet([aReport({}), aReport({ stack: "prod" })], new Date("2026-11-23T21:05:00Z"));
  await addToHistory(path, set);
  const { runs } = await openHistory(path);
  expect(runs.map(({ stack, at }) => [stack, at])).toEqual([
    ["dev", set.generatedAt],
    ["prod", set.generatedAt],
  ]);
});
