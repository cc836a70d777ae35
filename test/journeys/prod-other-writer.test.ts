// @module-tag pipeline
/** Another pipeline writes to the same app all the time: neither takes from the other what it could have known of. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { ownedKeys, pick } from "../../infra/provider/app-settings/merge.ts";
import { OTHER_WRITER, startOtherWriter } from "../../rehearsal/azure/services/other-writer.ts";
import type { SiteSlot } from "../../rehearsal/azure/services/web-site.ts";
import { judgeWriters } from "../../rehearsal/azure/services/web-writers.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";

const FOREIGN = Array.from({ length: 200 }, (_, index) => `FOREIGN_${index}`);
const OURS = [...ownedKeys({}), EARLIER_KEY];

let cloud: Cloud;
let redis: TestRedis;
let start: Record<string, string>;
beforeAll(async () => {
  cloud = await makeCloud();
  redis = await startRedis();
  await cloud.configure({ plan: "external", drainSeconds: "0", url: `redis://127.0.0.1:${redis.port}/0` });
  start = { ...site().settings(), ...Object.fromEntries(FOREIGN.map((key) => [key, "first"])) };
  site().setSettings(start);
  await site().app.settled();
});
afterAll(async () => {
  await cloud?.stop();
  await redis?.stop();
});

const site = (): SiteSlot => cloud.azure.site();
const ours = () => pick(site().settings(), OURS);
const writesOfOurs = () =>
  site().writes.filter(({ by, changed }) => by !== OTHER_WRITER && changed.some((key) => OURS.includes(key)));
const expectWired = () => {
  expect(ours()).toMatchObject({ REDIS_PORT: String(redis.port), REDIS_ENABLED: "true" });
  expect(fingerprintOf(pick(site().settings(), ownedKeys({})))).toBe(ours()[FINGERPRINT_KEY]);
};

describe("an app with 200 settings of others", STORY, () => {
  it("loses none of them by up and destroy while a user changes them every 50 ms", async () => {
    const since = { reads: site().reads.length, writes: site().writes.length };
    const otherWriter = await startOtherWriter(cloud.azure, site(), { everyMs: 50, keys: FOREIGN });
    await cloud.up();
    expectWired();
    const destroyed = await cloud.pulumi("destroy", "--yes", "--skip-preview");
    await otherWriter.stop();
    expect(destroyed.code, destroyed.all).toBe(0);

    const left = site().settings();
    expect(ours()).toEqual({});
    expect(Object.keys(left).toSorted()).toEqual(Object.keys(start).toSorted());
    const { inWindow, outside, windowsMs } = judgeWriters(
      { reads: site().reads.slice(since.reads), writes: site().writes.slice(since.writes) },
      (by, key) => FOREIGN.includes(key) === (by === OTHER_WRITER),
    );
    expect(outside).toEqual([]);
    // What is not as the other writer wrote it last, was lost in the one window that the API leaves.
    const gone = [...otherWriter.written].filter(([key, value]) => left[key] !== value).map(([key]) => key);
    expect(inWindow.filter(({ from }) => from === OTHER_WRITER).map(({ key }) => key)).toEqual(
      expect.arrayContaining(gone),
    );
    expect(otherWriter.count).toBeGreaterThan(50);
    // One writing and one giving back, and few of them again: each is a restart of the app.
    const windows = Object.entries(windowsMs).flatMap(([by, ms]) => (by === OTHER_WRITER ? [] : ms));
    expect(windows.length).toBeGreaterThanOrEqual(2);
    expect(windows.length).toBeLessThanOrEqual(8);
    const median = windows.toSorted((a, b) => a - b)[Math.floor(windows.length / 2)] ?? 0;
    expect(median).toBeLessThan(1000);
  });

  it("gets ours again where a user who had read before us writes after us", async () => {
    const stale = site().settings();
    const before = writesOfOurs().length;
    let overwritten = 0;
    const slow = (async () => {
      while (overwritten < 2) {
        await sleep(5);
        if (writesOfOurs().length === before + 2 * overwritten) continue;
        // The first time at once, the second while the app is watched.
        await sleep(overwritten * 150);
        site().setSettings({ ...stale, FOREIGN_0: `of the slow one, ${overwritten}` });
        overwritten += 1;
      }
    })();
    await cloud.up();
    await slow;
    expectWired();
    expect(site().settings()).toMatchObject({
      FOREIGN_0: "of the slow one, 1",
      FOREIGN_1: stale["FOREIGN_1"],
    });
    const preview = await cloud.pulumi("preview", "--expect-no-changes");
    expect(preview.code, preview.all).toBe(0);
  });
});
