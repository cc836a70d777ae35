// @module-tag pipeline
/** Stack `prod` from its first preview to its end, on a plan of each provider: nothing but its own comes or goes. */
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { ownedKeys } from "../../infra/provider/app-settings/merge.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { passes } from "../support/parts.ts";

type Settings = Readonly<Record<string, string>>;

// To the app the two Azure services are one: the usual pass takes one of them.
const CLOUD_PLANS = ["upstash-free", "azure-c0", "azure-managed-b0"];
/** Of a Redis that is somebody else's: percent-encoded in a URL, it looks different. */
const PASSWORD = 'of/the+team%"&<';

let cloud: Cloud;
let theirs: TestRedis;
/** Of that Redis, as the stack's config holds it for plan external. */
let url: string;
let first: Settings;

beforeAll(async () => {
  cloud = await makeCloud();
  theirs = await startRedis({ password: PASSWORD });
  first = site().settings();
  await cloud.configure({ drainSeconds: "0" });
  url = `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${theirs.port}/0`;
});
afterEach(() => {
  if (JSON.stringify(site().settings()) !== JSON.stringify(first)) site().setSettings(first);
});
afterAll(async () => {
  await cloud?.stop();
  await theirs?.stop();
});

const site = () => cloud.azure.site();
const own = [...ownedKeys({}), EARLIER_KEY];
const foreignIn = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([key]) => !own.includes(key)));
/** Where caches are, by what the clouds themselves say. */
const running = () => [...cloud.azure.caches(), ...cloud.upstash.databases()].map(({ host }) => host);

/** A command that must go well; the foreign settings of the app are then what they were all the time. */
async function well(...words: string[]) {
  const before = site().writes.length;
  const outcome = await cloud.pulumi(...words);
  expect(outcome.code, outcome.all).toBe(0);
  for (const { settings } of site().writes.slice(before)) {
    expect(foreignIn(settings)).toEqual(foreignIn(first));
  }
  expect(cloud.azure.events.map(({ what }) => what)).not.toContain("group deleted");
  return outcome;
}

/** The URL of the existing Redis, in the config until the test ends: other plans refuse it. */
async function useTheirs(): Promise<void> {
  const config = async (...words: string[]) => {
    const line = ["pulumi", "config", ...words, "propiq-cache:url", "--stack", "prod"];
    const outcome = await cloud.project.run(line, { env: cloud.env, input: url });
    expect(outcome.code, outcome.all).toBe(0);
  };
  await config("set", "--secret");
  onTestFinished(() => config("rm"));
}

/** From preview to destroy. @returns what the app held in between */
async function wholeLife(plan: string): Promise<Settings> {
  const start = site().settings();
  await cloud.configure({ plan });
  const writes = site().writes.length;
  await well("preview");
  expect(site().writes.length).toBe(writes);
  expect(running()).toEqual([]);

  await well("up", "--yes", "--skip-preview");
  const wired = site().settings();
  const changed = site().writes.filter((write) => write.changed.length > 0).length;
  await well("up", "--yes", "--skip-preview", "--expect-no-changes");
  await well("refresh", "--yes", "--expect-no-changes");
  expect(site().settings()).toEqual(wired);
  expect(site().writes.filter((write) => write.changed.length > 0).length).toBe(changed);

  await well("destroy", "--yes", "--skip-preview");
  expect(site().settings()).toEqual(start);
  expect(running()).toEqual([]);
  expect(await site().app.isUp()).toBe(true);
  return wired;
}

describe("stack prod", () => {
  for (const [plans, pass] of passes(CLOUD_PLANS, 0, 1)) {
    it.each(plans)("lives a whole life on %s, and leaves the app as it found it", pass, async (plan) => {
      const wired = await wholeLife(plan);
      expect(wired).toMatchObject({ REDIS_ENABLED: "true", REDIS_TLS: "true" });
      expect(wired["REDIS_URL"]).toContain(encodeURIComponent(wired["REDIS_PASSWORD"] ?? "none"));
    });
  }

  it("lives a whole life on external, beside an app that had a cache of its own before, and gives that back", async () => {
    const had = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(theirs.port), REDIS_PASSWORD: PASSWORD };
    site().setSettings({ ...first, ...had, CACHE_TTL_DAY: "7" });
    await site().app.settled();
    await useTheirs();
    const wired = await wholeLife("external");
    expect(wired).toMatchObject({ REDIS_URL: url, CACHE_TTL_DAY: "86400" });
    expect(site().settings()).toMatchObject({ ...had, CACHE_TTL_DAY: "7" });
    expect(await theirs.call("PING")).toBe("PONG");
  });

  it("gives back an app's own cache disabled where it does not answer, with a warning", async () => {
    const gone = await startRedis();
    site().setSettings({ ...first, REDIS_URL: `redis://127.0.0.1:${gone.port}/0` });
    await gone.stop();
    const start = site().settings();
    await useTheirs();
    await cloud.configure({ plan: "external" });
    await well("up", "--yes", "--skip-preview");
    const destroyed = await well("destroy", "--yes", "--skip-preview");
    expect(destroyed.all).toContain("does not answer from here (TCP_REFUSED)");
    expect(site().settings()).toEqual({ ...start, REDIS_ENABLED: "false" });
  });
});
