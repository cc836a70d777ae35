import { RedisEnterpriseManagementClient } from "@azure/arm-redisenterprisecache";
import { describe, expect, it } from "vitest";
import { askRedis } from "../../../rehearsal/azure/ask-redis.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import { type Answer, ask, clientOptions, credentialOf, settle } from "../../support/azure-client.ts";
import { azureForEachTest } from "../../support/azure-for-each-test.ts";

const GROUP = "propiq-rg";
const VERSION = "?api-version=2025-07-01";
const CLUSTERS = `/resourceGroups/${GROUP}/providers/Microsoft.Cache/redisEnterprise`;
const CLUSTER = `${CLUSTERS}/one`;
const DATABASE = `${CLUSTER}/databases/default`;
const B0 = {
  location: "eastus",
  sku: { name: "Balanced_B0" },
  properties: { publicNetworkAccess: "Enabled", highAvailability: "Disabled" },
};
const PLAIN = {
  clusteringPolicy: "NoCluster",
  evictionPolicy: "AllKeysLRU",
  accessKeysAuthentication: "Enabled",
};

let azure: Azure;
azureForEachTest((started) => {
  azure = started;
});

const send = (method: string, path: string, body?: unknown) => ask(azure, method, `${path}${VERSION}`, body);
const done = async (answer: Promise<Answer>) => {
  const { status, headers, body } = await answer;
  expect([200, 201, 202]).toContain(status);
  return await settle(azure, { status, headers, body });
};
const makeCluster = (body: object = B0) => done(send("PUT", CLUSTER, body));
const makeDatabase = (properties: object = PLAIN) => done(send("PUT", DATABASE, { properties }));
const make = async (cluster?: object, database?: object) => {
  expect(await makeCluster(cluster)).toMatchObject({ status: "Succeeded" });
  expect(await makeDatabase(database)).toMatchObject({ status: "Succeeded" });
};
const errorOf = async (answer: Promise<Answer>) => {
  const { status, body } = await answer;
  return [status, body.error?.code, body.error?.message];
};
const keys = async () =>
  (await send("POST", `${DATABASE}/listKeys`)).body as { primaryKey: string; secondaryKey: string };

const redis = (password: string, command: string, ...args: string[]) => {
  const [cache] = azure.caches();
  const { authority } = azure;
  return askRedis({ host: cache?.host ?? "", port: cache?.port ?? 0, password, authority }, command, ...args);
};

describe("Azure Managed Redis, asked by Microsoft's own client", () => {
  /** The client was made for an older version of the API, which does not know the field that is required now. */
  const client = () => {
    const made = new RedisEnterpriseManagementClient(credentialOf(azure), azure.subscriptionId, {
      ...clientOptions(azure),
      apiVersion: "2025-07-01",
    });
    made.pipeline.addPolicy({
      name: "publicNetworkAccess",
      sendRequest(request, next) {
        if (request.method === "PUT" && request.url.includes("/redisEnterprise/one?")) {
          const body = JSON.parse(String(request.body));
          body.properties = { ...body.properties, publicNetworkAccess: "Enabled" };
          request.body = JSON.stringify(body);
        }
        return next(request);
      },
    });
    return made;
  };
  const FAST = { updateIntervalInMs: 10 };

  it("creates a cluster and its database, lists, gives keys, and deletes both", async () => {
    const { redisEnterprise, databases } = client();
    const cluster = await redisEnterprise.beginCreateAndWait(
      GROUP,
      "one",
      { location: "eastus", sku: { name: "Balanced_B0" }, minimumTlsVersion: "1.2" },
      FAST,
    );
    expect(cluster).toMatchObject({
      provisioningState: "Succeeded",
      resourceState: "Running",
      location: "East US",
    });
    const database = await databases.beginCreateAndWait(
      GROUP,
      "one",
      "default",
      { clientProtocol: "Encrypted" },
      FAST,
    );
    expect(database).toMatchObject({
      port: 10_000,
      provisioningState: "Succeeded",
      clusteringPolicy: "OSSCluster",
    });
    await databases.beginUpdateAndWait(GROUP, "one", "default", { evictionPolicy: "AllKeysLFU" }, FAST);
    expect(await databases.get(GROUP, "one", "default")).toMatchObject({ evictionPolicy: "AllKeysLFU" });
    const names = [];
    for await (const { name } of redisEnterprise.list()) names.push(name);
    for await (const { name } of databases.listByCluster(GROUP, "one")) names.push(name);
    expect(names).toEqual(["one", "default"]);
    await redisEnterprise.beginDeleteAndWait(GROUP, "one", FAST);
    await expect(redisEnterprise.get(GROUP, "one")).rejects.toMatchObject({ code: "ResourceNotFound" });
    expect(azure.caches()).toEqual([]);
    expect(azure.events.map(({ what }) => what)).toEqual([
      ...[
        "cluster creating",
        "cluster created",
        "cache creating",
        "cache created",
        "cache updating",
        "cache updated",
      ],
      ...["cluster deleting", "cache deleted", "cluster deleted"],
    ]);
  });
});

describe("a database", () => {
  it("has no access keys unless a request enables them, and shows none", async () => {
    await make(B0, {});
    const [status, code, message] = await errorOf(send("POST", `${DATABASE}/listKeys`));
    expect([status, code]).toEqual([400, "BadRequest"]);
    expect(message).toContain("Access keys authentication is disabled");
    const [cache] = azure.caches();
    expect(await redis(cache?.keys.primary ?? "", "PING")).toContain("WRONGPASS");
    await done(send("PATCH", DATABASE, { properties: { accessKeysAuthentication: "Enabled" } }));
    expect(await redis((await keys()).primaryKey, "PING")).toBe("PONG");
  });

  it("opens with both keys on port 10000, and knows neither SELECT nor CONFIG", async () => {
    await make();
    const { primaryKey, secondaryKey } = await keys();
    expect(azure.caches()).toMatchObject([{ name: "one", kind: "redisEnterprise", port: 10_000 }]);
    expect(await redis(primaryKey, "SET", "a", "1")).toBe("OK");
    expect(await redis(secondaryKey, "GET", "a")).toBe("1");
    expect(await redis(primaryKey, "SELECT", "1")).toContain("ERR unknown command");
    expect(await redis(primaryKey, "CONFIG", "GET", "*")).toContain("ERR unknown command");
    await send("POST", `${DATABASE}/regenerateKey`, { keyType: "Secondary" });
    expect(await redis(secondaryKey, "PING")).toContain("WRONGPASS");
    expect(await redis(primaryKey, "PING")).toBe("PONG");
  });

  it("is the only one of its cluster, and named default", async () => {
    await makeCluster();
    const [status, , message] = await errorOf(
      send("PUT", `${CLUSTER}/databases/second`, { properties: PLAIN }),
    );
    expect(status).toBe(400);
    expect(message).toContain("'default'");
  });

  it("leaves NoCluster once, with new keys, and nothing else", async () => {
    await make();
    const before = await keys();
    await done(send("PATCH", DATABASE, { properties: { clusteringPolicy: "OSSCluster" } }));
    expect(Object.values(before)).not.toContain((await keys()).primaryKey);
    const back = send("PATCH", DATABASE, { properties: { clusteringPolicy: "NoCluster" } });
    expect(await errorOf(back)).toMatchObject([
      400,
      "BadRequest",
      expect.stringContaining("cannot be changed"),
    ]);
  });

  it("waits for its cluster", async () => {
    const cluster = await send("PUT", CLUSTER, B0);
    expect(await errorOf(send("PUT", DATABASE, { properties: PLAIN }))).toMatchObject([
      409,
      "Conflict",
      expect.anything(),
    ]);
    await settle(azure, cluster);
    expect(await makeDatabase()).toMatchObject({ status: "Succeeded" });
  });
});

describe("a cluster", () => {
  it.each([
    ["no word on public access", { ...B0, properties: {} }, "'properties.publicNetworkAccess' is invalid"],
    ["zones", { ...B0, zones: ["1"] }, "Specifying zones for SKU 'Balanced_B0' is not supported"],
    [
      "a retired tier",
      { ...B0, sku: { name: "Enterprise_E1" } },
      "Azure Cache for Redis Enterprise is retiring",
    ],
    [
      "an old TLS",
      { ...B0, properties: { ...B0.properties, minimumTlsVersion: "1.0" } },
      "'properties.minimumTlsVersion'",
    ],
  ])("is refused with %s", async (_, body, words) => {
    expect(await errorOf(send("PUT", CLUSTER, body))).toEqual([
      400,
      expect.anything(),
      expect.stringContaining(words),
    ]);
  });

  it("is highly available by default, and high availability cannot be removed", async () => {
    const { highAvailability: _, ...properties } = B0.properties;
    await makeCluster({ ...B0, properties });
    expect((await send("GET", CLUSTER)).body).toMatchObject({ properties: { highAvailability: "Enabled" } });
    expect(await errorOf(send("PUT", CLUSTER, B0))).toMatchObject([400, "BadRequest", expect.anything()]);
  });

  it("ends as Failed where capacity is missing, and blocks its name until it is deleted", async () => {
    azure.conditions.fullSkus = ["Balanced_B0"];
    expect(await makeCluster()).toMatchObject({
      status: "Failed",
      error: {
        code: "InsufficientCapacity",
        message: expect.stringContaining("different Azure Managed Redis size or region"),
      },
    });
    expect((await send("GET", CLUSTER)).body).toMatchObject({
      properties: { provisioningState: "Failed", resourceState: "CreateFailed" },
    });
    expect(await errorOf(send("PUT", DATABASE, { properties: PLAIN }))).toMatchObject([
      409,
      "Conflict",
      expect.anything(),
    ]);
    await done(send("DELETE", CLUSTER));
    expect((await send("GET", CLUSTER)).status).toBe(404);
    azure.conditions.fullSkus = [];
    expect(await makeCluster()).toMatchObject({ status: "Succeeded" });
  });

  it.each([
    ["Disabled", "loses", null],
    ["Enabled", "keeps", "1"],
  ])("with high availability %s %s its data when it is scaled", async (highAvailability, _, expected) => {
    const body = { ...B0, properties: { ...B0.properties, highAvailability } };
    await make(body);
    const { primaryKey } = await keys();
    await redis(primaryKey, "SET", "a", "1");
    await done(send("PUT", CLUSTER, { ...body, sku: { name: "Balanced_B1" } }));
    expect(await redis(primaryKey, "GET", "a")).toBe(expected);
    expect((await send("GET", CLUSTER)).body).toMatchObject({ sku: { name: "Balanced_B1" } });
  });

  it("is private without public access: reached by a private endpoint, from inside its network", async () => {
    await make({ ...B0, properties: { ...B0.properties, publicNetworkAccess: "Disabled" } });
    const { primaryKey } = await keys();
    expect(await redis(primaryKey, "PING")).toContain("ECONNREFUSED");
    const target = String((await send("GET", CLUSTER)).body["id"]);
    const endpoint = `/resourceGroups/${GROUP}/providers/Microsoft.Network/privateEndpoints/one`;
    const version = "?api-version=2024-05-01";
    const link = (groupId: string) => ({
      location: "eastus",
      properties: {
        subnet: {
          id: `/subscriptions/${azure.subscriptionId}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s`,
        },
        privateLinkServiceConnections: [
          { name: "cache", properties: { privateLinkServiceId: target, groupIds: [groupId] } },
        ],
      },
    });
    const wrong = await ask(azure, "PUT", `${endpoint}${version}`, link("redisCache"));
    expect(wrong.body.error?.message).toContain("is redisEnterprise");
    azure.conditions.insideNetwork = true;
    const made = await ask(azure, "PUT", `${endpoint}${version}`, link("redisEnterprise"));
    expect(await settle(azure, made)).toMatchObject({ status: "Succeeded" });
    expect(await redis(primaryKey, "PING")).toBe("PONG");
    const zones = {
      properties: { privateDnsZoneConfigs: [{ name: "redis", properties: { privateDnsZoneId: "/z" } }] },
    };
    expect(
      (await ask(azure, "PUT", `${endpoint}/privateDnsZoneGroups/default${version}`, zones)).status,
    ).toBe(201);
    expect((await send("GET", CLUSTER)).body).toMatchObject({
      properties: {
        privateEndpointConnections: [
          { properties: { privateLinkServiceConnectionState: { status: "Approved" } } },
        ],
      },
    });
    await settle(azure, await ask(azure, "DELETE", `${endpoint}${version}`));
    expect(await redis(primaryKey, "PING")).toContain("ECONNREFUSED");
  });

  it("is deleted with its group, database and all", async () => {
    await make();
    await ask(azure, "DELETE", `/resourceGroups/${GROUP}?api-version=2024-03-01`);
    await expect
      .poll(async () => (await send("GET", CLUSTER)).body.error?.code)
      .toBe("ResourceGroupNotFound");
    expect(azure.caches()).toEqual([]);
  });
});
