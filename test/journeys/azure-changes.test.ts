/** A cache in Azure changes, meets one that is there already, or fails half-way: what was in use stays in use. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import { monitorIn, rulesIn } from "../../rehearsal/azure/monitor.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type AzureStack, startAzureStack } from "../support/azure-stack.ts";
import { LONG, passes } from "../support/parts.ts";

const GROUP = "propiq-rg";

const API_VERSION = "2024-11-01";
const BY_HAND = "luntra-cache";

let stack: AzureStack;
let arm: Arm;
beforeAll(async () => {
  stack = await startAzureStack();
  trustInThisProcess(stack.azure.authority);
  const { subscriptionId, env } = stack.azure;
  arm = await openArm({ env, subscriptionId });
});
afterAll(async () => {
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

describe("another plan", () => {
  afterEach(async () => {
    await stack.well("destroy", "--yes", "--skip-preview");
  });
  afterAll(async () => {
    await stack.unset("alerts");
  });

  it("makes another cache, and the old one goes after the settings were written", async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("alerts.emails[0]", "ops@example.com");
    await up();
    const before = stack.azure.events.length;
    await stack.set("plan", "azure-c1");
    await up();
    expect(storySince(before)).toEqual(["cache created azure-c1", "cache deleted azure-c0"]);
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
    // The new one is watched before the old one is not, and no rule outlives what it watches.
    const story = stack.azure.events.slice(before).map(({ what }) => what);
    expect(story.lastIndexOf("alert created")).toBeLessThan(story.indexOf("alert deleted"));
    expect(story.lastIndexOf("alert deleted")).toBeLessThan(story.indexOf("cache deleting"));
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toEqual(Array(5).fill(onlyCache().name));
  });

  it("leaves the old cache and the settings where the new one cannot be made", async () => {
    await stack.set("plan", "azure-c0");
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
    await up();
    expect(onlyCache().name).toContain("azure-c1");
  });

  it("changes the same cache where the stack resizes in place, after a word on what is lost", async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("azure.resize", "in-place");
    await up();
    const { id, name } = onlyCache();
    const rules = monitorIn(stack.azure);
    const before = stack.azure.events.length;
    await stack.set("plan", "azure-standard-c0");
    const preview = await stack.well("preview");
    expect(preview.all).toContain("all data is lost");
    await up();
    await stack.set("plan", "azure-standard-c1");
    expect((await stack.well("preview")).all).toContain("keeps its data");
    await up();
    expect(onlyCache()).toMatchObject({ id, name });
    expect(monitorIn(stack.azure)).toEqual(rules);
    expect(rulesIn(stack.azure).find(({ kind }) => kind === "connections")?.threshold).toBe(800);
    expect(name).toContain("propiq-redis-azure-c0-");
    expect(storySince(before)).not.toContain("cache created azure-standard-c0");
    expect(storySince(before).filter((what) => what.startsWith("cache scaling"))).toHaveLength(2);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    await stack.set("plan", "azure-c1");
    const refused = await stack.run("preview");
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("does not turn a Standard cache into a Basic one");
    expect(refused.all).toContain("config rm --path azure.resize --stack dev");
    expect(refused.all).not.toMatch(/\n\s+at .*\.ts:\d+/);
    await stack.unset("azure.resize");
  });

  it(
    "changes a managed cache in place as well, and never takes its high availability away",
    LONG,
    async () => {
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
      await stack.unset("azure.resize");
    },
  );

  it("is the same plan with another name, too: made before the old cache goes", LONG, async () => {
    await stack.set("plan", "azure-c0");
    await up();
    const { id } = onlyCache();
    await stack.set("name", "moved");
    const before = stack.azure.events.length;
    await up();
    expect(storySince(before)).toEqual([expect.stringMatching(/created .*moved/), "cache deleted azure-c0"]);
    expect(onlyCache().id).not.toBe(id);
    await stack.unset("name");
  });

  it(
    "does not move a cache to another region under its name, and says so before anything is lost",
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
      await stack.unset("azure.location");
      await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    },
  );

  it("is made in the subscription that the config names, whatever the environment says", LONG, async () => {
    await stack.set("plan", "azure-c0");
    const { ARM_SUBSCRIPTION_ID: ours = "", ...env } = stack.azure.env;
    Object.assign(stack.azure.env, { ARM_SUBSCRIPTION_ID: "00000000-0000-0000-0000-000000000001" });
    await stack.set("azure.subscriptionId", ours);
    await up();
    expect(onlyCache().id).toContain(`/subscriptions/${ours}/`);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    await stack.well("destroy", "--yes", "--skip-preview");
    await stack.unset("azure.subscriptionId");
    Object.assign(stack.azure.env, { ...env, ARM_SUBSCRIPTION_ID: ours });
  });

  it("takes the other key when it is told to", LONG, async () => {
    await stack.set("plan", "azure-c0");
    await up();
    await stack.set("keySlot", "secondary");
    await up();
    expect((await stack.env())["REDIS_PASSWORD"]).toBe(onlyCache().keys.secondary);
    await stack.unset("keySlot");
  });

  it("opens a cache to allowed addresses alone", LONG, async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("azure.network.allowedIps[0]", stack.azure.conditions.clientAddress);
    await stack.set("azure.network.allowedIps[1]", "203.0.113.0/24");
    await up();
    const rules = stack.writes().filter((write) => write.includes("/firewallRules/"));
    expect(rules).toHaveLength(2);
    expect(rules.join()).toContain("allow_203_0_113_0_24");
    await stack.unset("azure.network");
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
      stack.azure.conditions.insideNetwork = false;
      await stack.unset("azure.network");
    });
  });
}

describe("a cache that no state knows of", () => {
  /** As after a kill between Azure's answer and Pulumi's writing it down, or with a lost state. */
  const forget = async () => {
    const { deployment } = JSON.parse((await stack.well("stack", "export")).stdout) as {
      deployment: { resources?: { urn: string; type: string }[] };
    };
    const urn = deployment.resources?.find(({ type }) => type === "azure-native:redis:Redis")?.urn ?? "";
    await stack.well("state", "delete", "--yes", "--target-dependents", urn);
  };

  it("is left by a killed update, and the next one clears it away", async () => {
    await stack.set("plan", "azure-c0");
    const before = stack.azure.events.length;
    const killed = stack.start("up", "--yes", "--skip-preview");
    while (!stack.azure.events.slice(before).some(({ what }) => what === "cache creating")) {
      await soon();
    }
    killed.kill("SIGKILL", "group");
    await killed.ended;
    await stack.run("cancel", "--yes");
    const again = await up();
    expect(again.all).toContain("An earlier update left the cache propiq-redis-azure-c0-");
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
  });

  it("stays where something uses it", async () => {
    const { id, host } = onlyCache();
    await forget();
    const refused = await stack.run("up", "--yes", "--skip-preview");
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("the env file .env uses it");
    expect(refused.all).toContain(`az resource delete --ids ${id.replace("Redis", "redis")}`);
    expect(onlyCache().host).toBe(host);
    await stack.well("destroy", "--yes", "--skip-preview");
    await arm.request({ method: "DELETE", path: id, apiVersion: API_VERSION });
    while (caches().length > 0) await soon();
  });
});

describe("a cache made by hand", () => {
  const byHand = async (name: string, capacity: number) => {
    const id = `/subscriptions/${stack.azure.subscriptionId}/resourceGroups/${GROUP}/providers/Microsoft.Cache/redis/${name}`;
    await arm.request({
      method: "PUT",
      path: id,
      apiVersion: API_VERSION,
      body: { location: "eastus", properties: { sku: { name: "Basic", family: "C", capacity } } },
    });
    while (!caches().some((cache) => cache.name === name)) {
      await soon();
    }
    return id;
  };

  it("is adopted: read, proven and wired, never changed, and still there after destroy", async () => {
    await byHand(BY_HAND, 0);
    await stack.set("plan", "azure-c0");
    await stack.set("azure.adopt", BY_HAND);
    await stack.set("alerts.emails[0]", "ops@example.com");
    const before = stack.writes().length;
    const preview = await stack.well("preview");
    expect(preview.all).toContain(`${BY_HAND} is adopted`);
    await up();
    expect((await stack.env())["REDIS_HOST"]).toBe(caches().find(({ name }) => name === BY_HAND)?.host);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    // What watches it is beside it.
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toEqual(Array(5).fill(BY_HAND));
    await stack.well("destroy", "--yes", "--skip-preview");
    expect(caches().map(({ name }) => name)).toContain(BY_HAND);
    expect(
      stack
        .writes()
        .slice(before)
        .filter((write) => !write.includes("Microsoft.Insights/")),
    ).toEqual([]);
    expect(monitorIn(stack.azure)).toEqual([]);
  });

  it("stays, too, when the stack makes one of its own instead", async () => {
    await up();
    await stack.unset("azure.adopt");
    const before = stack.writes().length;
    await up();
    expect(caches().map(({ name }) => name)).toContain(BY_HAND);
    const writes = stack
      .writes()
      .slice(before)
      .filter((write) => !write.includes("Microsoft.Insights/"));
    expect(writes.join()).not.toContain(BY_HAND);
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toEqual(Array(5).fill(onlyCache().name));
  });

  it("cannot be this stack's own, which would be deleted by it", async () => {
    const own = onlyCache().name;
    await stack.set("azure.adopt", own);
    const refused = await stack.run("preview");
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain(`${own} is this stack's own cache`);
    await stack.unset("azure.adopt");
    await stack.well("destroy", "--yes", "--skip-preview");
  });
});

describe("a resource group of the stack's own", () => {
  it("is made, and deleted when nothing else is in it", async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("azure.resourceGroup", "propiq-cache-rg");
    await stack.set("azure.createResourceGroup", "true");
    await up();
    expect(onlyCache().id).toContain("/resourceGroups/propiq-cache-rg/");
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
    await stack.well("destroy", "--yes", "--skip-preview");
    const gone = stack.azure.events.filter(({ what }) => what === "group deleted");
    expect(gone.map(({ id }) => id.split("/").at(-1))).toEqual(["propiq-cache-rg"]);
  });

  it("stays when somebody else put something in it", LONG, async () => {
    await up();
    const group = `/subscriptions/${stack.azure.subscriptionId}/resourceGroups/propiq-cache-rg`;
    await arm.request({
      method: "PUT",
      path: `${group}/providers/Microsoft.Cache/redis/somebody-elses`,
      apiVersion: API_VERSION,
      body: { location: "eastus", properties: { sku: { name: "Basic", family: "C", capacity: 0 } } },
    });
    const destroyed = await stack.well("destroy", "--yes", "--skip-preview");
    expect(destroyed.all).toContain("The resource group propiq-cache-rg stays");
    expect(destroyed.all).toContain("somebody-elses");
    await arm.request({ method: "DELETE", path: group, apiVersion: "2024-03-01" });
    await stack.unset("azure.createResourceGroup");
    await stack.unset("azure.resourceGroup");
  });
});

describe("a creation that Azure cannot finish", () => {
  it("is made good by the next up", async () => {
    await stack.set("plan", "azure-c0");
    stack.azure.fault({
      method: "PUT",
      path: /redis\/propiq-redis-azure-c0-/,
      operation: { status: "Failed" },
    });
    const failed = await stack.run("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    const again = await up();
    expect(again.all).toContain("Azure could not finish the cache");
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
    await stack.well("up", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("is made good, too, where the region had no room for Managed Redis", LONG, async () => {
    await stack.set("plan", "azure-managed-b0");
    stack.azure.conditions.fullSkus = ["Balanced_B0"];
    const failed = await stack.run("up", "--yes", "--skip-preview");
    expect(failed.code).not.toBe(0);
    stack.azure.conditions.fullSkus = [];
    await up();
    expect(onlyCache().name).toContain("azure-managed-b0");
    expect((await stack.env())["REDIS_HOST"]).toBe(onlyCache().host);
  });
});
