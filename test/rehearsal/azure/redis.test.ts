import { RedisManagementClient } from "@azure/arm-rediscache";
import { describe, expect, it } from "vitest";
import { askRedis } from "../../../rehearsal/azure/ask-redis.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import { refusals } from "../../../rehearsal/azure/refusals.ts";
import { ask as askArm, clientOptions, credentialOf } from "../../support/azure-client.ts";
import { azureForEachTest } from "../../support/azure-for-each-test.ts";

const GROUP = "propiq-rg";
const FAST = { updateIntervalInMs: 10 };
const BASIC_C0 = { name: "Basic", family: "C", capacity: 0 } as const;
const BASIC_C1 = { ...BASIC_C0, capacity: 1 };
const STANDARD_C0 = { ...BASIC_C0, name: "Standard" } as const;
const STANDARD_C1 = { ...STANDARD_C0, capacity: 1 };

let azure: Azure;
let client: RedisManagementClient;
const { start } = azureForEachTest((started) => {
  azure = started;
  client = new RedisManagementClient(credentialOf(azure), azure.subscriptionId, clientOptions(azure));
});

const create = (
  name: string,
  sku: typeof BASIC_C0 | typeof BASIC_C1 | typeof STANDARD_C0 | typeof STANDARD_C1,
  more = {},
) => client.redis.beginCreateAndWait(GROUP, name, { location: "eastus", sku, ...more }, FAST);
const scale = (name: string, sku: object) =>
  client.redis.beginUpdateAndWait(
    GROUP,
    name,
    { sku } as Parameters<typeof client.redis.beginUpdateAndWait>[2],
    FAST,
  );

async function ask(name: string, password: string, command: string, ...args: string[]): Promise<unknown> {
  const { hostName: host = "", sslPort: port = 0 } = await client.redis.get(GROUP, name);
  return askRedis({ host, port, password, authority: azure.authority }, command, ...args);
}
const primaryKey = async (name: string) => (await client.redis.listKeys(GROUP, name)).primaryKey ?? "";

describe("Azure Cache for Redis, asked by Microsoft's own client", () => {
  it("creates a cache that can be used with both of its keys, lists it, and deletes it", async () => {
    const made = await create("one", BASIC_C0, {
      redisConfiguration: { maxmemoryPolicy: "allkeys-lru" },
      tags: { project: "propiq" },
    });
    expect(made).toMatchObject({
      ...{ provisioningState: "Succeeded", location: "East US", tags: { project: "propiq" }, sslPort: 6380 },
      ...{
        enableNonSslPort: false,
        redisConfiguration: { maxmemoryPolicy: "allkeys-lru", maxclients: "256" },
      },
    });
    expect(made.accessKeys).toBeFalsy();
    const keys = await client.redis.listKeys(GROUP, "one");
    expect(await ask("one", keys.primaryKey ?? "", "SET", "a", "1")).toBe("OK");
    expect(await ask("one", keys.secondaryKey ?? "", "GET", "a")).toBe("1");
    expect(await ask("one", keys.secondaryKey ?? "", "CONFIG", "GET", "*")).toContain("ERR unknown command");
    expect(azure.caches()).toMatchObject([
      { name: "one", kind: "redis", port: 6380, keys: { primary: keys.primaryKey }, target: { tls: true } },
    ]);
    const names = [];
    for await (const { name } of client.redis.listBySubscription()) names.push(name);
    for await (const { name } of client.redis.listByResourceGroup(GROUP)) names.push(name);
    expect(names).toEqual(["one", "one"]);
    await client.redis.beginDeleteAndWait(GROUP, "one", FAST);
    await expect(client.redis.get(GROUP, "one")).rejects.toMatchObject({
      code: "ResourceNotFound",
      statusCode: 404,
    });
    expect(azure.caches()).toEqual([]);
    expect(azure.events.map(({ what }) => what)).toEqual([
      "cache creating",
      "cache created",
      "cache deleting",
      "cache deleted",
    ]);
  });

  it("regenerates one key, and the other one still works", async () => {
    await create("one", BASIC_C0);
    const before = await client.redis.listKeys(GROUP, "one");
    const after = await client.redis.regenerateKey(GROUP, "one", { keyType: "Primary" });
    expect(after.secondaryKey).toBe(before.secondaryKey);
    expect(await ask("one", before.primaryKey ?? "", "PING")).toContain("WRONGPASS");
    expect(await ask("one", after.primaryKey ?? "", "PING")).toBe("PONG");
  });

  it("has names that are unique in the world", async () => {
    azure.conditions.takenNames = ["Propiq-Redis"];
    const check = (name: string) =>
      client.redis.checkNameAvailability({ name, type: "Microsoft.Cache/Redis" });
    await expect(create("propiq-redis", BASIC_C0)).rejects.toMatchObject({
      code: "NameNotAvailable",
      statusCode: 409,
    });
    await expect(check("propiq-redis")).rejects.toThrow(
      "An error occured when trying to reserve the DNS name",
    );
    await check("another");
  });

  it("refuses new caches once it is retiring, and keeps the existing ones", async () => {
    await create("old", BASIC_C0);
    azure.conditions.retired = true;
    await expect(create("new", BASIC_C0)).rejects.toMatchObject({
      statusCode: 400,
      code: "BadRequest",
      message: expect.stringContaining(
        "Azure Cache for Redis is retiring, create Azure Managed Redis instance instead",
      ),
    });
    expect(await scale("old", STANDARD_C0)).toMatchObject({ sku: STANDARD_C0 });
    expect(azure.caches()).toHaveLength(1);
  });

  it("refuses memory settings on Basic, and bodies that its specification does not know", async () => {
    await expect(
      create("one", BASIC_C0, { redisConfiguration: { maxmemoryReserved: "50" } }),
    ).rejects.toThrow("The setting 'maxmemory-reserved' is not allowed on 'Basic' cache instances.");
    await expect(
      create("one", { ...BASIC_C0, family: "X" } as unknown as typeof BASIC_C0),
    ).rejects.toMatchObject({
      code: "InvalidRequestBody",
      message: expect.stringContaining("The value of the parameter 'properties.sku.family' is invalid."),
    });
    await expect(create("-bad-", BASIC_C0)).rejects.toThrow("'name' is invalid");
    expect(azure.events).toEqual([]);
  });

  it("closes its firewall to all but those that its rules name, and opens it again without rules", async () => {
    await create("one", BASIC_C0);
    const key = await primaryKey("one");
    const rule = { startIP: "198.51.100.1", endIP: "198.51.100.9" };
    await client.firewallRules.createOrUpdate(GROUP, "one", "office", rule);
    expect(await ask("one", key, "PING")).toContain("ECONNREFUSED");
    azure.conditions.clientAddress = "198.51.100.5";
    await client.firewallRules.createOrUpdate(GROUP, "one", "office", rule);
    expect(await ask("one", key, "PING")).toBe("PONG");
    expect(await client.firewallRules.get(GROUP, "one", "office")).toMatchObject({
      name: "one/office",
      ...rule,
    });
    azure.conditions.clientAddress = "203.0.113.1";
    await client.firewallRules.delete(GROUP, "one", "office");
    expect(await ask("one", key, "PING")).toBe("PONG");
  });
});

describe("scaling", () => {
  it("takes a Basic cache down, and its data with it", async () => {
    await create("one", BASIC_C0);
    const key = await primaryKey("one");
    await ask("one", key, "SET", "a", "1");
    const scaling = scale("one", BASIC_C1);
    await expect.poll(() => ask("one", key, "PING")).toContain("ECONNREFUSED");
    expect(await scaling).toMatchObject({ sku: BASIC_C1, redisConfiguration: { maxclients: "1000" } });
    expect(await ask("one", key, "GET", "a")).toBeNull();
  });

  it("keeps the data of a Standard cache, which remains available", async () => {
    await create("one", STANDARD_C0);
    const key = await primaryKey("one");
    await ask("one", key, "SET", "a", "1");
    await scale("one", STANDARD_C1);
    expect(await ask("one", key, "GET", "a")).toBe("1");
    expect(await ask("one", key, "INFO", "memory")).toContain("maxmemory:1073741824\r\n");
  });

  it.each([
    ["a tier down", STANDARD_C1, BASIC_C1],
    ["down to C0", BASIC_C1, BASIC_C0],
    ["tier and size at once", BASIC_C0, STANDARD_C1],
  ])("refuses %s", async (_, before, after) => {
    await create("one", before);
    await expect(scale("one", after)).rejects.toMatchObject({ code: "BadRequest" });
    expect(await client.redis.get(GROUP, "one")).toMatchObject({
      sku: before,
      provisioningState: "Succeeded",
    });
  });

  it("refuses the SKU together with anything else, and a second update while one runs", async () => {
    await create("one", STANDARD_C0);
    const both = { sku: STANDARD_C1, redisConfiguration: { maxmemoryPolicy: "allkeys-lfu" } };
    await expect(client.redis.beginUpdateAndWait(GROUP, "one", both, FAST)).rejects.toThrow(
      "in the same update",
    );
    const first = scale("one", STANDARD_C1);
    await expect.poll(async () => (await client.redis.get(GROUP, "one")).provisioningState).toBe("Scaling");
    await expect(
      client.redis.beginUpdateAndWait(GROUP, "one", { tags: { a: "b" } }, FAST),
    ).rejects.toMatchObject({
      code: "Conflict",
    });
    await first;
  });
});

describe("ARM around it", () => {
  const isRefused = (code: string, statusCode: number) => ({ code, statusCode });

  it("knows no group that was not made", async () => {
    await expect(client.redis.get("nowhere", "one")).rejects.toMatchObject(
      isRefused("ResourceGroupNotFound", 404),
    );
  });

  it("names the action and the scope that a role lacks", async () => {
    azure.conditions.role = "Reader";
    await expect(create("one", BASIC_C0)).rejects.toMatchObject({
      ...isRefused("AuthorizationFailed", 403),
      message: expect.stringMatching(
        /does not have authorization to perform action 'Microsoft.Cache\/redis\/write' over scope '\/subscriptions\/.*\/one'/i,
      ),
    });
    await expect(client.redis.listKeys(GROUP, "one")).rejects.toThrow(
      "Microsoft.Cache/redis/listKeys/action",
    );
    azure.conditions.role = "Redis Cache Contributor";
    await create("one", BASIC_C0);
    azure.conditions.role = "Website Contributor";
    await expect(client.redis.get(GROUP, "one")).rejects.toThrow("Microsoft.Cache/redis/read");
  });

  it("requires registered providers, and registers them", async () => {
    azure.conditions.unregistered = ["Microsoft.Cache"];
    await expect(create("one", BASIC_C0)).rejects.toMatchObject(
      isRefused("MissingSubscriptionRegistration", 409),
    );
    await askArm(azure, "POST", "/providers/Microsoft.Cache/register?api-version=2021-04-01");
    await expect.poll(() => azure.conditions.unregistered).toEqual([]);
    await create("one", BASIC_C0);
  });

  it("denies what a policy denies", async () => {
    azure.conditions.denied = { "Microsoft.Cache/redis": "No caches here" };
    await expect(create("one", BASIC_C0)).rejects.toMatchObject({
      ...isRefused("RequestDisallowedByPolicy", 403),
      message: expect.stringContaining("Resource 'one' was disallowed by policy."),
    });
  });

  it("deletes a group with all that is in it", async () => {
    await create("one", BASIC_C0);
    await askArm(azure, "DELETE", `/resourcegroups/${GROUP}?api-version=2024-03-01`);
    const there = () => client.redis.get(GROUP, "one").catch(({ code }: { code: string }) => code);
    await expect.poll(there).toBe("ResourceGroupNotFound");
    expect(azure.caches()).toEqual([]);
  });
});

describe("faults that a test orders", () => {
  it("throttles with a time to wait, once", async () => {
    azure.fault({ method: "PUT", path: /\/redis\/one$/, reply: refusals.throttled(1).reply });
    const startedAt = performance.now();
    await create("one", BASIC_C0);
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    expect(azure.log.filter(({ method }) => method === "PUT").map(({ status }) => status)).toEqual([
      429, 201,
    ]);
  });

  it("drops connections before, or after it took effect", async () => {
    const before = azure.fault({ method: "PUT", path: /\/redis\/one$/, drop: true, times: 2 });
    await expect(create("one", BASIC_C0)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(before.met).toBe(2);
    expect(azure.events).toEqual([]);
    const after = azure.fault({ method: "PUT", path: /\/redis\/one$/, drop: "after", times: 2 });
    await expect(create("one", BASIC_C0)).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(after.met).toBe(2);
    await expect.poll(async () => (await client.redis.get(GROUP, "one")).provisioningState).toBe("Succeeded");
  });

  it("ends an operation as Failed, with or without a message", async () => {
    const error = { code: "InternalServerError", message: "It went wrong." };
    azure.fault({ method: "PUT", path: /\/redis\/one$/, operation: { status: "Failed", error } });
    await expect(create("one", BASIC_C0)).rejects.toThrow("It went wrong.");
    expect(await client.redis.get(GROUP, "one")).toMatchObject({ provisioningState: "Failed" });
    await client.redis.beginDeleteAndWait(GROUP, "one", FAST);
    azure.fault({ method: "PUT", path: /\/redis\/one$/, operation: { status: "Failed" } });
    await expect(create("one", BASIC_C0)).rejects.toThrow("The long-running operation has failed");
  });

  it("meets only the requests after those that it lets pass", async () => {
    const fault = azure.fault({
      path: /\/redis\/one$/,
      after: 1,
      reply: refusals.serverError().reply,
      times: 9,
    });
    await expect(client.redis.get(GROUP, "one")).rejects.toMatchObject({ statusCode: 404 });
    await expect(client.redis.get(GROUP, "one")).rejects.toMatchObject({ statusCode: 500 });
    fault.cancel();
    await expect(client.redis.get(GROUP, "one")).rejects.toMatchObject({ statusCode: 404 });
  });

  it("fails the test that asks for what it does not know", async () => {
    const { status } = await askArm(
      azure,
      "GET",
      "/providers/Microsoft.Compute/virtualMachines?api-version=1",
    );
    expect(status).toBe(500);
    await expect(azure.stop()).rejects.toThrow("does not know GET /subscriptions/");
    await start();
  });
});
