// @module-tag pipeline
/**
 * Growing from plan to plan while the app is in use: nobody notices, and the old cache is deleted last.
 *
 * The usual pass goes along one change of each kind, the long one along the other plans.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { type AppClient, useApp } from "../support/app-client.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { passes, STORY } from "../support/parts.ts";
import { cachesOf, foreignIn, now, REQUESTS, type Story, storyOf } from "../support/plan-change.ts";
import { QUICK_TIMES } from "../support/project.ts";

const EVERY_PLAN = [
  ...["upstash-free", "upstash-payg", "azure-c0", "azure-c1", "azure-standard-c1"],
  ...["azure-managed-b1", "upstash-free"],
];
/** From another cloud, within Upstash, and to another cloud. */
const ONE_OF_EACH_KIND = [0, 1, 5];

const DRAIN_SECONDS = 1;
const PASSWORD = "of/the+team";

let cloud: Cloud;
let theirs: TestRedis;
let client: AppClient;

beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
  theirs = await startRedis({ password: PASSWORD });
  const url = `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${theirs.port}/0`;
  const words = ["pulumi", "config", "set", "--secret", "propiq-cache:url", "--stack", "prod"];
  const set = await cloud.project.run(words, { env: cloud.env, input: url });
  expect(set.code, set.all).toBe(0);
  await cloud.configure({ plan: "external", drainSeconds: `${DRAIN_SECONDS}`, monthlyBudgetUsd: "500" });
  await site().app.settled();
  client = useApp(site(), cloud.authority);
  await cloud.up();
  const unset = await cloud.pulumi("config", "rm", "propiq-cache:url");
  expect(unset.code, unset.all).toBe(0);
});
afterEach(() => {
  expect(client.failures()).toEqual([]);
  expect(client.gaps()).toEqual([]);
});
afterAll(async () => {
  await client?.stop();
  await cloud?.stop();
  await theirs?.stop();
});

const site = () => cloud.azure.site();

/**
 * Holds the next write of the app's settings until what had come to the new cache before it is known.
 * @returns the statistics of its commands by then
 */
async function commandsBeforeWrite(): Promise<string> {
  const known = cachesOf(cloud).map(({ host }) => host);
  const held = cloud.azure.fault({ ...REQUESTS.writeSettings, delayMs: 600 });
  while (held.met === 0) await sleep(5);
  const made = cachesOf(cloud).find(({ host }) => !known.includes(host));
  return String(await made?.redis.call("INFO", "commandstats"));
}

/** Before and after, with what happened in between. */
async function changeTo(plan: string) {
  const before = site().settings();
  const hosts = cachesOf(cloud).map(({ host }) => host);
  await cloud.configure({ plan });
  const from = now();
  await cloud.up();
  const story = storyOf(cloud, client, from);
  const [cache, ...others] = cachesOf(cloud);
  expect(others).toEqual([]);
  expect(site().settings()["REDIS_HOST"]).toBe(cache?.host);
  // The app's values are in it, not only its settings.
  expect(await cache?.redis.call("DBSIZE")).toBeGreaterThan(0);
  const writes = site().writes.filter(({ at }) => at >= from);
  for (const { settings } of writes) expect(foreignIn(settings)).toEqual(foreignIn(before));
  return { story, hosts, cache, writes };
}

/** In the order in which they have to come. */
function steps({ created, written, seen, deleted }: Story): (number | undefined)[] {
  return [created, written, seen, deleted];
}

const isUpstash = (plan: string) => plan.startsWith("upstash-");

describe("growing while the app is in use", STORY, () => {
  let reached = "external";
  for (const [plans, pass] of passes(EVERY_PLAN, ...ONE_OF_EACH_KIND)) {
    it.each(plans)("to %s", pass, async (plan) => {
      const before = reached;
      reached = plan;
      if (isUpstash(before) && isUpstash(plan)) {
        const { story, hosts, cache, writes } = await changeTo(plan);
        expect(story.resized).toBeDefined();
        expect(cache).toMatchObject({ plan: "payg", host: hosts[0] });
        expect([story.created, story.deleted, writes]).toEqual([undefined, undefined, []]);
        return;
      }
      const commands = commandsBeforeWrite();
      const { story, writes } = await changeTo(plan);
      expect(writes).toHaveLength(1);
      // Nobody else knows it by then: it was the proof that stored a value there and read it.
      expect(await commands).toMatch(/cmdstat_set:calls=[1-9]/);
      expect(await commands).toMatch(/cmdstat_get:calls=[1-9]/);
      const expected = before === "external" ? steps(story).slice(0, -1) : steps(story);
      expect(expected).not.toContain(undefined);
      expect(expected).toEqual(expected.toSorted((one = 0, other = 0) => one - other));
      const { seen = 0, deleted } = story;
      if (deleted === undefined) {
        expect(await theirs.call("PING")).toBe("PONG");
        return;
      }
      expect(deleted - seen).toBeGreaterThan((DRAIN_SECONDS * 1000) / QUICK_TIMES);
      const current = site().settings()[FINGERPRINT_KEY];
      // Nobody was left who used the old one.
      const old = site().workers.filter(
        ({ kind, fingerprint }) => kind === "worker stopped" && fingerprint !== current,
      );
      expect(old.at(-1)?.at).toBeLessThan(deleted);
    });
  }
});
