import { expect, it } from "vitest";
import type { Info } from "../../../check/info.ts";
import type { Use } from "../../../check/use/measure.ts";
import { figuresOf } from "../../../operations/advise/figures.ts";
import { aRun } from "../../support/history.ts";

const MB = 1024 * 1024;
const now = new Date("2026-11-24T00:00:00Z");
const use = (info: Info, keys?: number): Use => ({
  info,
  sample: { keys: [], complete: true, lookUps: 0, refused: [], withoutSizes: false },
  commandsUsed: 9,
  ...(keys === undefined ? {} : { keys }),
});

it("counts in MB, GB and months", () => {
  const info: Info = {
    ...{ usedBytes: 10 * MB, peakBytes: 20 * MB, maxBytes: 100 * MB, maxClients: 256, connectedClients: 4 },
    ...{ commandsProcessed: 7200, outputBytes: 1024 * MB, hits: 90, misses: 30, evictedKeys: 2 },
    ...{ uptimeSeconds: 3600, keysWithTtl: 30 },
  };
  expect(figuresOf(use(info, 100), [], now)).toEqual({
    ...{ usedMb: 10, peakMb: 20, peakOver: "start", limitMb: 100, maxConnections: 256, connections: 4 },
    ...{ commandsPerMonth: 7200 * 720, trafficGbPerMonth: 720, hitRate: 0.75, evictedKeys: 2 },
    ...{ keys: 100, keysWithoutTtl: 70, uptimeSeconds: 3600 },
  });
});

it("reads no month out of less than an hour, no rate out of a hundred look-ups, no limit out of 0", () => {
  const info = { commandsProcessed: 9, uptimeSeconds: 3599, hits: 99, misses: 0, maxBytes: 0, usedBytes: MB };
  expect(figuresOf(use(info), [], now)).toEqual({
    usedMb: 1,
    peakMb: 1,
    peakOver: "now",
    uptimeSeconds: 3599,
  });
});

it("takes for the peak of a history also what is used now", () => {
  const runs = [aRun({ at: "2026-11-10T00:00:00.000Z", memoryUsedBytes: 5 * MB })];
  expect(figuresOf(use({ usedBytes: 9 * MB, peakBytes: 50 * MB }), runs, now)).toMatchObject({
    ...{ peakMb: 9, peakOver: "history", runs: 1 },
  });
});

it("knows nothing of a server that reports nothing", () => {
  expect(figuresOf(use({}), [], now)).toEqual({});
});

it("takes the largest of a week's history for the peak, rather than one of long ago", () => {
  const info = { usedBytes: 10 * MB, peakBytes: 90 * MB };
  const runs = (from: string) => [
    aRun({ at: from, memoryUsedBytes: 30 * MB }),
    aRun({ at: "2026-11-23T00:00:00Z", memoryUsedBytes: 20 * MB }),
  ];
  expect(figuresOf(use(info), runs("2026-11-17T00:00:00Z"), now)).toMatchObject({
    ...{ peakMb: 30, peakOver: "history", runs: 2 },
  });
  expect(figuresOf(use(info), runs("2026-11-17T00:00:01Z"), now)).toMatchObject({
    peakMb: 90,
    peakOver: "start",
  });
});
