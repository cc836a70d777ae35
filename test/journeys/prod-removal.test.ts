/** The app taken out and the plan changed in one update: what cannot be given back keeps the cache it needs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownedKeys, pick } from "../../infra/provider/app-settings/merge.ts";
import { refusals } from "../../rehearsal/azure/refusals.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";

let cloud: Cloud;
let first: Record<string, string>;
beforeAll(async () => {
  cloud = await makeCloud();
  first = site().settings();
  await cloud.configure({ drainSeconds: "0", plan: "azure-managed-b0" });
  await cloud.up();
});
afterAll(async () => {
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const hosts = () => cloud.azure.caches().map(({ host }) => host);

describe("an app that is removed from the config while the plan changes", STORY, () => {
  it("keeps its cache where its settings cannot be given back", async () => {
    const before = site().settings();
    const removed = await cloud.pulumi("config", "rm", "propiq-cache:app");
    expect(removed.code, removed.all).toBe(0);
    await cloud.configure({ plan: "azure-c0" });
    const refusal = refusals.badRequest("The settings cannot be written now.");
    const fault = cloud.azure.fault({
      method: "PUT",
      path: /\/config\/appsettings$/,
      times: 100,
      reply: refusal.reply,
    });

    const failed = await cloud.pulumi("up", "--yes", "--skip-preview");
    fault.cancel();
    expect(fault.met).toBeGreaterThan(0);
    expect(failed.code, failed.all).not.toBe(0);
    expect(failed.all).toContain("failed while restoring the app's own settings");
    expect(site().settings()).toEqual(before);
    expect(hosts()).toContain(before["REDIS_HOST"]);
    expect(await site().app.isUp()).toBe(true);
  });

  it("gets its own settings back by the next up, which only then deletes the previous cache", async () => {
    const from = cloud.azure.events.length;
    const old = pick(site().settings(), ownedKeys({}))["REDIS_HOST"];
    await cloud.up();
    expect(site().settings()).toEqual(first);
    const story = cloud.azure.events.slice(from).map(({ what }) => what);
    expect(story.indexOf("settings written")).toBeLessThan(story.indexOf("cluster deleting"));
    expect(story).toContain("cluster deleted");
    expect(hosts()).toHaveLength(1);
    expect(hosts()).not.toContain(old);
    const destroyed = await cloud.pulumi("destroy", "--yes", "--skip-preview");
    expect(destroyed.code, destroyed.all).toBe(0);
    expect(site().settings()).toEqual(first);
  });
});
