// @module-tag pipeline
/** A cache in Azure changes, meets one that exists already, or fails half-way: what was in use remains in use. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import { monitorIn, rulesIn } from "../../rehearsal/azure/monitor.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type AzureStack, startAzureStack } from "../support/azure-stack.ts";
import { LONG, passes } from "../support/parts.ts";
import { stateFile } from "../support/project.ts";

const GROUP = "propiq-rg";

const API_VERSION = "2024-11-01";
const BY_HAND = "luntra-cache";

let stack: AzureStack;
let arm: Arm;
let distrust: () => void;
// A cloud and a clone of its own for each test: starting them takes less time than a destroy.
beforeEach(async () => {
  stack = await startAzureStack();
  distrust = trustInThisProcess(stack.azure.authority);
  const { subscriptionId, env } = stack.azure;
  arm = await openArm({ env, subscriptionId });
});
afterEach(async () => {
  distrust?.();
  await stack?.stop();
});

const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
const up = () => stack.well("up", "--yes", "--skip-preview");
const caches = () => stack.azure.caches();
/** The stack's own. */
const onlyCache = () => {
  const [cache, ...others] = caches().filter(({ name }) => name !== BY_HAND);
  if (cache === undefined || others.length > 0) throw new Error(`${caches().length} caches`);
  return cache;
};
/** Of the events since a moment, those about caches, with the plan in the name. */
const storySince = (from: number): string[] =>
  stack.azure.events
    .slice(from)
    .filter(({ what }) => /^cache (created|deleted|scaling|updated)$/.test(what))
    .map(
      ({ what, id }) => `${what} ${/propiq-redis-(.*)-[0-9a-f]{8}$/.exec(id)?.[1] ?? id.split("/").at(-1)}`,
    );

async function makeByHand(name: string, group = GROUP): Promise<void> {
  const path = `/subscriptions/${stack.azure.subscriptionId}/resourceGroups/${group}/providers/Microsoft.Cache/redis/${name}`;
  const properties = { sku: { name: "Basic", family: "C", capacity: 0 } };
  await arm.request({
    method: "PUT",
    path,
    apiVersion: API_VERSION,
    body: { location: "eastus", properties },
  });
  while (!caches().some((cache) => cache.name === name)) await soon();
}

describe("another plan", () => {
  it("keeps the previous cache where the new one cannot be made, and otherwise deletes it after the settings were written", async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("alerts.emails[0]", "ops@example.com");
    await up();
    const { host } = onlyCache();

    await stack.set("plan", "azure-c1");
    stack.azure.conditions.retired = true;
    const refused = await stack.run("up", "--yes", "--skip-preview");
    stack.azure.conditions.retired = false;
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("is retiring");
    expect(refused.all).toContain("config set plan azure-managed-b1 --stack dev");
    expect(onlyCache().host).toBe(host);
    expect((await stack.env())["REDIS_HOST"]).toBe(host);

    const before = stack.azure.events.length;
    await up();
    expect(storySince(before)).toEqual(["cache created azure-c1", "cache deleted azure-c0"]);
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
    // The new one is watched before the old one is not, and no rule outlives what it watches.
    const story = stack.azure.events.slice(before).map(({ what }) => what);
    expect(story.lastIndexOf("alert created")).toBeLessThan(story.indexOf("alert deleted"));
    expect(story.lastIndexOf("alert deleted")).toBeLessThan(story.indexOf("cache deleting"));
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toEqual(Array(5).fill(onlyCache().name));
  });

  it("changes the same cache where the stack resizes in place, after a warning about what is lost", async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("azure.resize", "in-place");
    await stack.set("alerts.emails[0]", "ops@example.com");
    await up();
    const { id, name } = onlyCache();
    const rules = monitorIn(stack.azure);
    const before = stack.azure.events.length;
    await stack.set("plan", "azure-standard-c0");
    expect((await stack.well("up", "--yes")).all).toContain("all data is lost");
    await stack.set("plan", "azure-standard-c1");
    expect((await stack.well("up", "--yes")).all).toContain("keeps its data");
    expect(onlyCache()).toMatchObject({ id, name });
    expect(monitorIn(stack.azure)).toEqual(rules);
    expect(rulesIn(stack.azure).find(({ kind }) => kind === "connections")?.threshold).toBe(800);
    expect(name).toContain("propiq-redis-azure-c0-");
    expect(storySince(before)).not.toContain("cache created azure-standard-c0");
    expect(storySince(before).filter((what) => what.startsWith("cache scaling"))).toHaveLength(2);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it(
    "is refused where Azure cannot change the cache in place, with the command that makes another",
    LONG,
    async () => {
      await stack.set("plan", "azure-standard-c0");
      await stack.set("azure.resize", "in-place");
      await up();
      await stack.set("plan", "azure-c1");
      const refused = await stack.run("preview");
      expect(refused.code).not.toBe(0);
      expect(refused.all).toContain("does not turn a Standard cache into a Basic one");
      expect(refused.all).toContain("config rm --path azure.resize --stack dev");
      expect(refused.all).not.toMatch(/\n\s+at .*\.ts:\d+/);
    },
  );

  it("changes a managed cache in place as well, and never removes its high availability", LONG, async () => {
    await stack.set("plan", "azure-managed-b0");
    await stack.set("azure.resize", "in-place");
    await up();
    const { id } = onlyCache();
    await stack.set("plan", "azure-managed-b1-ha");
    expect((await stack.well("preview")).all).toContain("all data is lost");
    await up();
    expect(onlyCache().id).toBe(id);
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
    await stack.set("plan", "azure-managed-b1");
    const refused = await stack.run("preview");
    expect(refused.all).toContain("does not take high availability away");
  });

  it("is the same plan with another name, too: made before the old cache is deleted", LONG, async () => {
    await stack.set("plan", "azure-c0");
    await up();
    const { id } = onlyCache();
    await stack.set("name", "moved");
    const before = stack.azure.events.length;
    await up();
    expect(storySince(before)).toEqual([expect.stringMatching(/created .*moved/), "cache deleted azure-c0"]);
    expect(onlyCache().id).not.toBe(id);
  });

  it(
    "does not move a cache to another region under its name, and reports it before anything is lost",
    LONG,
    async () => {
      await stack.set("plan", "azure-c0");
      await up();
      const { id } = onlyCache();
      await stack.set("azure.location", "westus");
      const refused = await stack.run("up", "--yes", "--skip-preview");
      expect(refused.code).not.toBe(0);
      expect(refused.all).toContain("Azure does not move a cache to another region");
      expect(onlyCache().id).toBe(id);
      await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    },
  );

  it("is made in the subscription that the config names, whatever the environment says", LONG, async () => {
    await stack.set("plan", "azure-c0");
    const { ARM_SUBSCRIPTION_ID: ours = "" } = stack.azure.env;
    Object.assign(stack.azure.env, { ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000001" });
    await stack.set("azure.subscriptionId", ours);
    await up();
    expect(onlyCache().id).toContain(`/subscriptions/${ours}/`);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("takes the other key where the config names it", LONG, async () => {
    await stack.set("plan", "azure-c0");
    await up();
    await stack.set("keySlot", "secondary");
    await up();
    expect((await stack.env())["REDIS_PASSWORD"]).toBe(onlyCache().keys.secondary);
  });

  it("opens a cache to allowed addresses alone", LONG, async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("azure.network.allowedIps[0]", stack.azure.conditions.clientAddress);
    await stack.set("azure.network.allowedIps[1]", "203.0.113.0/24");
    await up();
    const rules = stack.writes().filter((write) => write.includes("/firewallRules/"));
    expect(rules).toHaveLength(2);
    expect(rules.join()).toContain("allow_203_0_113_0_24");
  });
});

for (const [rows, pass] of passes(["azure-c0", "azure-managed-b0"], 1)) {
  describe.each(rows)("a private cache on plan %s", pass, (plan) => {
    it("is reached by an endpoint in its subnet, and closed to the public", async () => {
      const network = `/subscriptions/${stack.azure.subscriptionId}/resourceGroups/${GROUP}/providers/Microsoft.Network`;
      await stack.set("plan", plan);
      await stack.set("azure.network.access", "private");
      await stack.set("azure.network.subnetId", `${network}/virtualNetworks/team/subnets/redis`);
      await stack.set(
        "azure.network.privateDnsZoneId",
        `${network}/privateDnsZones/privatelink.redis.azure.net`,
      );
      stack.azure.conditions.insideNetwork = true;
      const before = stack.writes().length;
      await up();
      await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
      const writes = stack.writes().slice(before).join("\n");
      expect(writes).toMatch(/PUT Microsoft\.Network\/privateEndpoints\/propiq-redis-.*-endpoint$/m);
      const made = stack.azure.log.filter(
        ({ method, path }) => method === "PUT" && /\/redis(Enterprise)?\/[^/]+$/i.test(path),
      );
      expect(made.at(-1)?.requestBody).toMatchObject({ properties: { publicNetworkAccess: "Disabled" } });
      expect(writes).toMatch(/privateDnsZoneGroups\/default$/m);
      await stack.well("destroy", "--yes", "--skip-preview");
      expect(stack.azure.resources.list({ type: "Microsoft.Network/privateEndpoints" })).toEqual([]);
    });
  });
}

describe("a cache that is in no state", () => {
  it("is left by a killed update, and the next update deletes it", async () => {
    await stack.set("plan", "azure-c0");
    const killed = stack.start("up", "--yes", "--skip-preview");
    while (!stack.azure.events.some(({ what }) => what === "cache creating")) await soon();
    killed.kill("SIGKILL", "group");
    await killed.ended;
    await stack.run("cancel", "--yes");
    const again = await up();
    expect(again.all).toContain("An earlier update left the cache propiq-redis-azure-c0-");
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
  });

  it("remains where something uses it", async () => {
    await stack.set("plan", "azure-c0");
    await up();
    const { id, host } = onlyCache();
    await rm(join(stack.project.root, stateFile("dev")));
    const refused = await stack.run("up", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("the env file .env uses it");
    expect(refused.all).toContain(`az resource delete --ids ${id.replace("Redis", "redis")}`);
    expect(onlyCache().host).toBe(host);
    expect((await stack.env())["REDIS_HOST"]).toBe(host);
  });
});

describe("a cache made by hand", () => {
  it("is adopted: read, proven and wired, never changed, and it remains beside one of the stack's own", async () => {
    await makeByHand(BY_HAND);
    /** To the cloud, but for what watches a cache: that is beside it. */
    const before = stack.writes().length;
    const written = () =>
      stack
        .writes()
        .slice(before)
        .filter((write) => !write.includes("Microsoft.Insights/"));

    await stack.set("plan", "azure-c0");
    await stack.set("azure.adopt", BY_HAND);
    await stack.set("alerts.emails[0]", "ops@example.com");
    expect((await stack.well("up", "--yes")).all).toContain(`${BY_HAND} is adopted`);
    expect((await stack.env())["REDIS_HOST"]).toBe(caches().find(({ name }) => name === BY_HAND)?.host);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toEqual(Array(5).fill(BY_HAND));
    expect(written()).toEqual([]);

    await stack.unset("azure.adopt");
    await up();
    expect(caches().map(({ name }) => name)).toContain(BY_HAND);
    expect(written().join()).not.toContain(BY_HAND);
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toEqual(Array(5).fill(onlyCache().name));

    // The stack's own cache would be deleted as the one that is not used any more.
    await stack.set("azure.adopt", onlyCache().name);
    const refused = await stack.run("preview");
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain(`${onlyCache().name} is this stack's own cache`);
  });

  it("remains after destroy, and its alerts are deleted", LONG, async () => {
    await makeByHand(BY_HAND);
    await stack.set("plan", "azure-c0");
    await stack.set("azure.adopt", BY_HAND);
    await stack.set("alerts.emails[0]", "ops@example.com");
    await up();
    await stack.well("destroy", "--yes", "--skip-preview");
    expect(caches().map(({ name }) => name)).toEqual([BY_HAND]);
    expect(monitorIn(stack.azure)).toEqual([]);
  });
});

describe("a resource group of the stack's own", () => {
  beforeEach(async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("azure.resourceGroup", "propiq-cache-rg");
    await stack.set("azure.createResourceGroup", "true");
    await up();
  });

  it("is made, and deleted when nothing else is in it", async () => {
    expect(onlyCache().id).toContain("/resourceGroups/propiq-cache-rg/");
    await stack.well("destroy", "--yes", "--skip-preview");
    const deleted = stack.azure.events.filter(({ what }) => what === "group deleted");
    expect(deleted.map(({ id }) => id.split("/").at(-1))).toEqual(["propiq-cache-rg"]);
  });

  it("remains when it holds a cache that another tool made", LONG, async () => {
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    await makeByHand("made-elsewhere", "propiq-cache-rg");
    const destroyed = await stack.well("destroy", "--yes", "--skip-preview");
    expect(destroyed.all).toMatch(/propiq-cache-rg (stays|remains)/);
    expect(destroyed.all).toContain("made-elsewhere");
    expect(caches().map(({ name }) => name)).toEqual(["made-elsewhere"]);
  });
});

describe("a creation that Azure cannot finish", () => {
  const recovers = async (plan: string) => {
    const failed = await stack.run("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    stack.azure.conditions.fullSkus = [];
    const again = await up();
    expect(onlyCache().name).toContain(plan);
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
    return again.all;
  };

  it("is recovered by the next up", async () => {
    await stack.set("plan", "azure-c0");
    stack.azure.fault({
      method: "PUT",
      path: /redis\/propiq-redis-azure-c0-/,
      operation: { status: "Failed" },
    });
    expect(await recovers("azure-c0")).toMatch(/Azure did not finish the cache propiq-redis-azure-c0-\w+/);
  });

  it("is recovered, too, where the region had no room for Managed Redis", LONG, async () => {
    await stack.set("plan", "azure-managed-b0");
    stack.azure.conditions.fullSkus = ["Balanced_B0"];
    await recovers("azure-managed-b0");
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
  });
});
