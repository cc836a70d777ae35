// @module-tag pipeline
/** Caches that a user made by hand become the stack's: found by the app's settings, and only ownership changes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { DEFAULT_PREFIX, DEFAULT_TTL } from "../../infra/contract/table.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { startRedis } from "../../rehearsal/redis-server.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";

let cloud: Cloud;
let arm: Arm;
let distrust: () => void;
beforeEach(async () => {
  cloud = await makeCloud();
  distrust = trustInThisProcess(cloud.authority);
  const { subscriptionId, env } = cloud.azure;
  arm = await openArm({ env, subscriptionId });
});
afterEach(async () => {
  distrust?.();
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const group = () => `/subscriptions/${cloud.azure.subscriptionId}/resourceGroups/propiq-rg`;
const config = () => cloud.project.read("Pulumi.prod.yaml");
/** What a person does in the portal, with the guide beside. */
const wireByHand = (settings: Record<string, string>) =>
  site().setSettings({ ...site().settings(), ...settings });

async function redisByHand(name: string, sku: { name: string; capacity: number }) {
  const body = { location: "eastus", properties: { sku: { family: "C", ...sku } } };
  const path = `${group()}/providers/Microsoft.Cache/redis/${name}`;
  await arm.request({ method: "PUT", path, apiVersion: "2024-11-01", body });
  await expect.poll(() => cloud.azure.caches().length).toBe(1);
  const [cache] = cloud.azure.caches();
  if (cache === undefined) throw new Error("no cache");
  return cache;
}

/** Requests to Azure and Upstash that changed a cache since then. */
const writesSince = (at: number) =>
  [...cloud.azure.log, ...cloud.upstash.log].filter(
    (entry) =>
      entry.at >= at &&
      /^(PUT|PATCH|DELETE)$/.test(entry.method) &&
      /Microsoft\.Cache|\/v2\/redis/i.test(entry.path),
  );
const moment = () => performance.timeOrigin + performance.now();

describe("an Azure cache made by hand", () => {
  it("is found by the app's settings, with the key that the app uses, and only ownership changes until the end", async () => {
    const cache = await redisByHand("luntra-cache", { name: "Standard", capacity: 1 });
    const first = site().settings();
    wireByHand({
      REDIS_URL: `rediss://:${encodeURIComponent(cache.keys.secondary)}@${cache.host}:6380/0`,
      REDIS_HOST: cache.host,
      REDIS_PORT: "6380",
      CACHE_TTL_SHORT: "90",
    });
    const byHand = site().settings();
    const [since, writes] = [moment(), site().writes.length];

    const outcome = await cloud.run("adopt", "--stack", "prod");

    expect(outcome.code, outcome.all).toBe(0);
    expect(outcome.stdout).toContain(
      "luntra-outreach-app uses the Azure cache luntra-cache (Standard C1, eastus, propiq-rg): plan azure-standard-c1.",
    );
    expect(outcome.stdout).toContain("Nothing else changes: the cache is read and wired");
    expect(outcome.stdout).toMatch(/as they are: .*REDIS_HOST, REDIS_PORT, .*CACHE_TTL_SHORT/);
    expect(outcome.stdout).toMatch(/written in the standard form: REDIS_URL/);
    expect(site().writes.length).toBe(writes);
    const written = await config();
    for (const line of [
      "plan: azure-standard-c1",
      "adopt: luntra-cache",
      "keySlot: secondary",
      "short: 90",
      "monthlyBudgetUsd: 101",
    ]) {
      expect(written).toContain(line);
    }
    expect(written).toContain("# Small production on Upstash");
    for (const key of Object.values(cache.keys)) {
      expect(outcome.all + written).not.toContain(key);
      expect(outcome.all + written).not.toContain(encodeURIComponent(key));
    }

    const again = await cloud.run("adopt", "--stack", "prod");
    expect(again.stdout).toContain("already says so. Nothing was written");
    expect(await config()).toBe(written);

    await cloud.configure({ drainSeconds: "0" });
    await cloud.up();
    expect(site().settings()).toMatchObject({
      REDIS_HOST: cache.host,
      REDIS_PASSWORD: cache.keys.secondary,
      CACHE_TTL_SHORT: "90",
    });
    expect((await cloud.run("adopt", "--stack", "prod")).stdout).toContain("There is nothing to adopt");
    const destroyed = await cloud.pulumi("destroy", "--yes", "--skip-preview");
    expect(destroyed.code, destroyed.all).toBe(0);
    expect(site().settings()).toEqual(byHand);
    expect(cloud.azure.caches().map(({ name }) => name)).toEqual(["luntra-cache"]);
    expect(writesSince(since)).toEqual([]);
    expect(Object.keys(byHand).length).toBe(Object.keys(first).length + 4);
  });
});

describe("an Upstash database made by hand", () => {
  it("is found, and adopted under its id", async () => {
    const id = await cloud.upstash.makeDatabase({ name: "by-hand", plan: "free" });
    const [database] = cloud.upstash.databases();
    wireByHand({
      REDIS_URL: `rediss://default:${encodeURIComponent(database?.password ?? "")}@${database?.host}:6379`,
    });
    const since = moment();

    const outcome = await cloud.run("adopt", "--stack", "prod");

    expect(outcome.code, outcome.all).toBe(0);
    expect(outcome.stdout).toContain(`the Upstash database by-hand (${id}): plan upstash-free.`);
    expect(await config()).toContain(`adopt: ${id}`);
    expect(outcome.all).not.toContain(database?.password);
    expect(writesSince(since)).toEqual([]);
  });
});

describe("a cache of another user's", () => {
  it("is wired by its URL, which the config holds encrypted", async () => {
    const password = "c4n/4ry+%&";
    const redis = await startRedis({ password });
    try {
      wireByHand({ REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port), REDIS_PASSWORD: password });
      const outcome = await cloud.run("adopt", "--stack", "prod");
      expect(outcome.code, outcome.all).toBe(0);
      expect(outcome.stdout).toContain("url: (secret)");
      const written = await config();
      expect(written).toContain("plan: external");
      expect(written).toMatch(/propiq-cache:url:\s+secure: /);
      for (const text of [written, outcome.all]) {
        expect(text).not.toContain(password);
        expect(text).not.toContain(encodeURIComponent(password));
      }
      const given = {
        ...settingsFor({
          enabled: true,
          target: { ...redis.target, password },
          ttl: DEFAULT_TTL,
          prefix: DEFAULT_PREFIX,
        }),
      };
      await cloud.configure({ drainSeconds: "0" });
      await cloud.up();
      expect(site().settings()).toMatchObject(given);
    } finally {
      await redis.stop();
    }
  });
});

describe("where there is nothing to adopt", () => {
  it("says so, and writes nothing", async () => {
    const before = await config();
    const none = await cloud.run("adopt", "--stack", "prod");
    expect(none.code, none.all).toBe(1);
    expect(none.stdout).toContain("luntra-outreach-app has no cache settings");

    wireByHand({ REDIS_URL: "not a url" });
    const odd = await cloud.run("adopt", "--stack", "prod");
    expect(odd.code, odd.all).toBe(2);
    expect(odd.stderr).toContain("REDIS_URL must start with redis:// or rediss://");

    const nobody = await cloud.run(
      "adopt",
      "--stack",
      "prod",
      "--app-name",
      "no-such-app",
      "--resource-group",
      "propiq-rg",
    );
    expect(nobody.code, nobody.all).toBe(2);
    expect(nobody.stderr).toContain("no-such-app");
    expect(await config()).toBe(before);
  });
});
