// @module-tag pipeline
/** What happens to a stack in its years: caches deleted by hand, a lock, apps that are called alike, another name. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";
import { REQUESTS } from "../support/plan-change.ts";

const APP = "luntra-outreach-app";
let cloud: Cloud;
let first: Record<string, string>[];
beforeAll(async () => {
  cloud = await makeCloud({
    azure: { apps: [{ name: APP, slots: { staging: { A: "1" } } }, { name: `${APP}-staging` }] },
  });
  first = places().map((place) => place.settings());
  await cloud.pulumi("config", "rm", "propiq-cache:app");
  // A slot app/staging beside an app app-staging: alike but for a sign.
  await cloud.configure({
    plan: "azure-managed-b0",
    drainSeconds: "0",
    "app[0].name": APP,
    "app[0].slot": "staging",
  });
  await cloud.configure({ "app[1].name": `${APP}-staging` });
});
afterAll(() => cloud?.stop());

const places = () => [cloud.azure.site(APP, "staging"), cloud.azure.site(`${APP}-staging`)];
const hosts = () => places().map((place) => place.settings()["REDIS_HOST"]);
const up = () => cloud.pulumi("up", "--yes", "--skip-preview");

describe("a stack through its years", STORY, () => {
  describe("a stack with a slot and an app of nearly one name", () => {
    it("wires both", async () => {
      await cloud.up();
      const [cache] = cloud.azure.caches();
      expect(hosts()).toEqual([cache?.host, cache?.host]);
    });
  });

  describe("an old cache that Azure does not delete", () => {
    it("is reported with Azure's own words and the cause, and the next up deletes it", async () => {
      await cloud.configure({ plan: "upstash-free" });
      const message =
        "The scope cannot perform delete operation because following scope(s) are locked: '/subscriptions/s'.";
      const fault = cloud.azure.fault({
        ...REQUESTS.deleteCache,
        times: 20,
        reply: { status: 409, body: { error: { code: "ScopeLocked", message } } },
      });
      const stuck = await up();
      fault.cancel();
      expect(stuck.code, stuck.all).not.toBe(0);
      expect(stuck.all).toMatch(
        /Azure did not delete the cache propiq-redis-azure-managed-b0-\w+\. The apps no longer use it/,
      );
      expect(stuck.all).toContain("az lock list --resource-group propiq-rg");
      expect(hosts()).toEqual(Array(2).fill(cloud.upstash.databases()[0]?.host));
      await cloud.up();
      expect(cloud.azure.caches()).toEqual([]);
    });
  });

  describe("an update that was killed after it wrote the settings, and is reverted", () => {
    it("leaves no app on the cache that is deleted", async () => {
      const before = hosts();
      await cloud.configure({ plan: "azure-managed-b0" });
      const writes = () => places().flatMap((place) => place.writes).length;
      const written = writes();
      const running = cloud.start(
        "pulumi",
        "up",
        "--yes",
        "--skip-preview",
        "--stack",
        "prod",
        "--non-interactive",
      );
      await expect.poll(writes, { timeout: 60_000, interval: 5 }).toBeGreaterThan(written);
      running.kill("SIGKILL", "group");
      await running.ended;
      expect(hosts()).not.toEqual(before);
      await cloud.pulumi("cancel", "--yes");
      await cloud.configure({ plan: "upstash-free" });
      await cloud.up();
      expect(hosts()).toEqual(before);
      expect(cloud.azure.caches()).toEqual([]);
    });
  });

  describe("a database that a user deleted in Upstash's console", () => {
    it("does not prevent another cache from being used, and the reported command to forget it works", async () => {
      await cloud.upstash.removeDatabase(cloud.upstash.databases()[0]?.id ?? "");
      await cloud.configure({ plan: "azure-managed-b0" });
      const stuck = await up();
      expect(stuck.code, stuck.all).not.toBe(0);
      expect(hosts()).toEqual(Array(2).fill(cloud.azure.caches()[0]?.host));
      const [, urn = ""] = /state delete '([^']+)' --stack prod/.exec(stuck.all) ?? [];
      const forgotten = await cloud.run("pulumi", "state", "delete", urn, "--stack", "prod", "--yes");
      expect(forgotten.code, forgotten.all).toBe(0);
      await cloud.up();
    });
  });

  describe("a stack under another name", () => {
    it("keeps its apps, and gives back the settings that they had at the start", async () => {
      const renamed = await cloud.run(
        "pulumi",
        "stack",
        "rename",
        "live",
        "--stack",
        "prod",
        "--non-interactive",
      );
      expect(renamed.code, renamed.all).toBe(0);
      const of = (...words: string[]) =>
        cloud.run("pulumi", ...words, "--stack", "live", "--yes", "--skip-preview");
      const moved = await of("up");
      expect(moved.code, moved.all).toBe(0);
      for (const place of places()) expect(place.settings()[EARLIER_KEY]).toContain("urn:pulumi:live::");
      const [cache, ...others] = cloud.azure.caches();
      expect(others).toEqual([]);
      expect(hosts()).toEqual([cache?.host, cache?.host]);

      await cloud.azure.resources.list({ type: "Microsoft.Cache/redisEnterprise" })[0]?.remove();
      const missed = await cloud.run("pulumi", "preview", "--stack", "live", "--non-interactive");
      expect(missed.code).not.toBe(0);
      expect(missed.all).toContain("does not exist: it was deleted in Azure");
      expect(missed.all).toContain("./propiq-cache repair --stack live");
      const destroyed = await of("destroy");
      expect(destroyed.code, destroyed.all).toBe(0);
      expect(places().map((place) => place.settings())).toEqual(first);
    });
  });
});
