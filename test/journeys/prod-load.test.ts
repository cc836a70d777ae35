// @module-tag pipeline
/**
 * Ten plan changes in a row while many users ask the app 200 times a second: no request fails, and nobody gets
 * another's data.
 *
 * The usual pass takes two of them, one to each cloud.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LoadResult, load, zipfMix } from "../examples/app/load.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { passes, STORY } from "../support/parts.ts";
import { cachesOf, foreignIn, now } from "../support/plan-change.ts";
import { seeded } from "../support/random.ts";

const RATE = 200;
/** Whatever slows the machine down, the app is in use all the time. */
const LEAST_RATE = RATE / 2;
/** One request a second on each: an answer of 2 s, as from a cold cache, holds up nobody but who waits for it. */
const CONNECTIONS = RATE;
const USERS = 100;

/** Each has another cache than the previous one: other clouds, services, sizes and ways to be replicated, and back. */
const CHANGES = [
  ...["azure-c0", "azure-c1", "azure-standard-c1", "azure-managed-b1", "upstash-payg"],
  ...["azure-managed-b0", "azure-managed-b0-ha", "azure-standard-c0", "azure-c0", "upstash-free"],
];

let cloud: Cloud;
let running: Promise<LoadResult>;
const enough = new AbortController();

beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
  await cloud.configure({ plan: "upstash-free", drainSeconds: "1", monthlyBudgetUsd: "500" });
  await cloud.up();
  await site().app.settled();
  running = load({
    url: site().url,
    connections: CONNECTIONS,
    rate: RATE,
    // Longer than all the changes take: it is ended after the last.
    seconds: 3_600,
    signal: enough.signal,
    ask: zipfMix(USERS, seeded(10)),
  });
});
afterAll(async () => {
  enough.abort();
  await running;
  await cloud?.stop();
});

const site = () => cloud.azure.site();

/** How often a value was asked for that was there. */
async function hitsOf(cache: ReturnType<typeof cachesOf>[number] | undefined): Promise<number> {
  const [, hits] = /^keyspace_hits:(\d+)/m.exec(String(await cache?.redis.call("INFO", "stats"))) ?? [];
  return Number(hits);
}

describe("ten plan changes in a row under 200 requests a second", STORY, () => {
  for (const [rows, pass] of passes(CHANGES, 0, 4)) {
    it.each(rows)("serves every request while the plan changes to %s", pass, async (plan) => {
      const before = site().settings();
      const [old] = cachesOf(cloud);
      await cloud.configure({ plan });
      const [from, { served }] = [now(), { ...site().app.counts }];
      await cloud.up();
      const seconds = (now() - from) / 1000;
      const counts = site().app.counts;
      // By the front door, which knows also of answers that it had to cut off.
      expect(counts).toMatchObject({ failed: 0, refused: 0, broken: 0 });
      expect((counts.served - served) / seconds).toBeGreaterThan(LEAST_RATE);
      const [cache, ...others] = cachesOf(cloud);
      expect(others).toEqual([]);
      expect(cache?.host).not.toBe(old?.host);
      expect(site().settings()["REDIS_HOST"]).toBe(cache?.host);
      expect(foreignIn(site().settings())).toEqual(foreignIn(before));
      // Users are served from it; a proof alone asks for a few values.
      await expect.poll(() => hitsOf(cache)).toBeGreaterThan(100);
    });
  }

  it("gave each user their own data all along, and all of them in time", async () => {
    enough.abort();
    const { answers, failed, mixedUp } = await running;
    expect({ failed, mixedUp }).toEqual({ failed: 0, mixedUp: 0 });
    expect(answers).toBeGreaterThan(1_000);
  });
});
