// @module-tag pipeline
/**
 * Growing while the app can only be restarted the hard way, with the previous cache kept beside the new one, and going
 * back: the app loses the requests of its own restart, and no other.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AppClient, useApp } from "../support/app-client.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { LONG, STORY } from "../support/parts.ts";
import { cachesOf, foreignIn, now, storyOf } from "../support/plan-change.ts";

/** Of a busy machine, until an answer is noticed. */
const TOLERANCE_MS = 1_000;

let cloud: Cloud;
let client: AppClient;

beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true, mode: "hard" } } });
  await cloud.configure({ plan: "upstash-free", drainSeconds: "1", monthlyBudgetUsd: "500" });
  await cloud.up();
  await site().app.settled();
  client = useApp(site(), cloud.authority);
});
afterAll(async () => {
  await client?.stop();
  await cloud?.stop();
});

const site = () => cloud.azure.site();

/** What a restart costs that has nothing to do with the cache: a user changes a setting in the portal. */
async function anyRestart(): Promise<void> {
  const from = now();
  site().setSettings({ ...site().settings(), CHANGED_BY_HAND: String(from) });
  await expect.poll(() => startedSince(from)?.at, { timeout: 20_000 }).toBeDefined();
  await site().app.settled();
  expectOneGap(from);
}

/** One, and no longer than the worker was away: from the write of the settings until it had started again. */
function expectOneGap(from: number): void {
  const [gap, ...others] = client.gaps(from);
  expect(others).toEqual([]);
  const writes = site().writes.filter(({ at, changed }) => at >= from && changed.length > 0);
  expect(writes).toHaveLength(1);
  expect(gap?.from).toBeGreaterThan(writes[0]?.at ?? Number.POSITIVE_INFINITY);
  expect(gap?.to).toBeLessThan((startedSince(from)?.at ?? 0) + TOLERANCE_MS);
}

function startedSince(from: number) {
  const started = site().workers.filter(({ at, kind }) => at >= from && kind === "worker started");
  expect(started.length).toBeLessThan(2);
  return started[0];
}

async function changeTo(plan: string, standby: string) {
  await cloud.configure({ plan, "standby[0]": standby });
  const from = now();
  await cloud.up();
  expectOneGap(from);
  expect(client.failures()).toEqual([]);
  return storyOf(cloud, client, from);
}

describe("growing and going back while each restart of the app is a hard one", { ...LONG, ...STORY }, () => {
  let before: Readonly<Record<string, string>>;

  it("loses what the restart alone would lose, and keeps the previous cache where it is on standby", async () => {
    await anyRestart();
    before = site().settings();
    const story = await changeTo("azure-c0", "upstash-free");
    expect(story.deleted).toBeUndefined();
    expect(cachesOf(cloud)).toHaveLength(2);
    expect(site().settings()["REDIS_HOST"]).toBe(cloud.azure.caches()[0]?.host);
    expect(foreignIn(site().settings())).toEqual(foreignIn(before));
  });

  it("moves back to a cache that still exists, with its data", async () => {
    const [old] = cloud.upstash.databases();
    await old?.redis.call("SET", "left", "there");
    const story = await changeTo("upstash-free", "azure-c0");
    expect([story.created, story.deleted]).toEqual([undefined, undefined]);
    expect(await old?.redis.call("GET", "left")).toBe("there");
    const { REDIS_URL, REDIS_HOST } = site().settings();
    expect([REDIS_URL, REDIS_HOST]).toEqual([before["REDIS_URL"], old?.host]);
    expect(foreignIn(site().settings())).toEqual(foreignIn(before));
  });

  it("deletes the standby cache when it is removed from the config, and the app does not restart", async () => {
    const unset = await cloud.pulumi("config", "rm", "--path", "propiq-cache:standby");
    expect(unset.code, unset.all).toBe(0);
    const from = now();
    await cloud.up();
    expect(client.gaps(from)).toEqual([]);
    expect(client.failures()).toEqual([]);
    expect(cachesOf(cloud).map(({ host }) => host)).toEqual([site().settings()["REDIS_HOST"]]);
  });
});
