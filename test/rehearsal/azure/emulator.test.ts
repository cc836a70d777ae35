import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { askRedis } from "../../../rehearsal/azure/ask-redis.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import { checkBody } from "../../../rehearsal/azure/schemas.ts";
import { type Answer, ask, settle } from "../../support/azure-client.ts";
import { azureForEachTest } from "../../support/azure-for-each-test.ts";

const run = promisify(execFile);
const GROUPS = "?api-version=2024-03-01";
const CACHE = "/resourceGroups/propiq-rg/providers/Microsoft.Cache/redis/one?api-version=2024-11-01";
const BASIC = { location: "eastus", properties: { sku: { name: "Basic", family: "C", capacity: 0 } } };

let azure: Azure;
const { start, restart } = azureForEachTest((started) => {
  azure = started;
});

const send = (method: string, path: string, body?: unknown) => ask(azure, method, path, body);
const codeOf = ({ status, body }: Answer) => [status, body.error?.code];

describe("resource groups", () => {
  const group = `/resourcegroups/other${GROUPS}`;

  it("are made, made again, listed, tagged and deleted", async () => {
    expect((await send("HEAD", group)).status).toBe(404);
    const made = await send("PUT", group, { location: "eastus", tags: { a: "b" } });
    expect(made).toMatchObject({
      status: 201,
      body: { name: "other", properties: { provisioningState: "Succeeded" } },
    });
    expect((await send("PUT", group, { location: "East US", tags: { c: "d" } })).status).toBe(200);
    expect((await send("HEAD", group)).status).toBe(204);
    expect((await send("GET", `/resourceGroups${GROUPS}`)).body["value"]).toMatchObject([
      { name: "propiq-rg" },
      { name: "other", tags: { c: "d" } },
    ]);
    expect((await send("DELETE", group)).status).toBe(202);
    await expect.poll(async () => codeOf(await send("GET", group))).toEqual([404, "ResourceGroupNotFound"]);
    expect((await send("GET", `/resourceGroups/propiq-rg${GROUPS}`)).status).toBe(200);
  });

  it("keep their location, and are refused without a location", async () => {
    const elsewhere = await send("PUT", `/resourceGroups/propiq-rg${GROUPS}`, { location: "westeurope" });
    expect(codeOf(elsewhere)).toEqual([409, "InvalidResourceGroupLocation"]);
    expect(codeOf(await send("PUT", group, {}))).toEqual([400, "InvalidRequestBody"]);
    expect(codeOf(await send("PUT", `/resourceGroups/ends.${GROUPS}`, { location: "eastus" }))).toEqual([
      400,
      "InvalidResourceGroup",
    ]);
  });

  it("list their resources, as the subscription does by type", async () => {
    await settle(azure, await send("PUT", CACHE, BASIC));
    const inGroup = await send("GET", `/resourceGroups/propiq-rg/resources${GROUPS}`);
    expect(inGroup.body["value"]).toContainEqual(
      expect.objectContaining({ name: "one", type: "Microsoft.Cache/Redis" }),
    );
    const filter = encodeURIComponent("resourceType eq 'Microsoft.Cache/redis'");
    const byType = await send("GET", `/resources${GROUPS}&$filter=${filter}`);
    expect(byType.body["value"]).toEqual([expect.objectContaining({ name: "one" })]);
  });
});

describe("a request", () => {
  it("needs an api-version, and one that is known", async () => {
    expect(codeOf(await send("GET", "/resourceGroups/propiq-rg"))).toEqual([
      400,
      "MissingApiVersionParameter",
    ]);
    const old = await send("GET", "/resourceGroups/propiq-rg?api-version=2001-01-01");
    expect(codeOf(old)).toEqual([400, "NoRegisteredProviderFound"]);
  });

  it("is routed whatever the letter case", async () => {
    expect((await send("GET", `/RESOURCEGROUPS/PROPIQ-RG${GROUPS}`)).status).toBe(200);
  });

  it("is refused for a subscription that does not exist", async () => {
    const elsewhere = `/../00000000-0000-0000-0000-000000000000/resourceGroups${GROUPS}`;
    expect(codeOf(await send("GET", elsewhere))).toEqual([404, "SubscriptionNotFound"]);
  });

  it("is logged with its body and its time", async () => {
    const before = Date.now();
    await settle(azure, await send("PUT", CACHE, BASIC));
    const put = azure.log.find(({ method }) => method === "PUT");
    expect(put).toMatchObject({
      status: 201,
      requestBody: BASIC,
      path: expect.stringContaining("/redis/one"),
    });
    expect(put?.at).toBeGreaterThanOrEqual(before - 1);
    expect(
      azure.log.some(({ path, requestBody }) => path.endsWith("/token") && requestBody !== undefined),
    ).toBe(false);
  });
});

it("reports what the caller may do", async () => {
  const permissions = async () =>
    (
      await send(
        "GET",
        "/resourceGroups/propiq-rg/providers/Microsoft.Authorization/permissions?api-version=2022-04-01",
      )
    ).body["value"];
  expect(await permissions()).toEqual([expect.objectContaining({ actions: ["*"] })]);
  azure.conditions.role = { actions: [], notActions: [] };
  expect(await permissions()).toEqual([expect.objectContaining({ actions: [] })]);
  expect(codeOf(await send("GET", `/resourceGroups/propiq-rg${GROUPS}`))).toEqual([
    403,
    "AuthorizationFailed",
  ]);
});

it("reports whether a provider is registered, and refuses unknown providers", async () => {
  const state = async () =>
    (await send("GET", "/providers/microsoft.cache?api-version=2021-04-01")).body["registrationState"];
  expect(await state()).toBe("Registered");
  azure.conditions.unregistered = ["Microsoft.Cache"];
  expect(await state()).toBe("NotRegistered");
  const unknown = await send("GET", "/providers/Microsoft.Nothing?api-version=2021-04-01");
  expect(codeOf(unknown)).toEqual([404, "InvalidResourceNamespace"]);
});

it("gives keys and memory as a test sets them", async () => {
  let given = 0;
  await restart({ newKey: () => `k${++given}/+%"&<`, conditions: { memoryBytes: 2_000_000 } });
  await settle(azure, await send("PUT", CACHE, BASIC));
  const [cache] = azure.caches();
  expect(cache?.keys).toEqual({ primary: 'k1/+%"&<', secondary: 'k2/+%"&<' });
  const { authority } = azure;
  const client = { host: cache?.host ?? "", port: cache?.port ?? 0, password: 'k2/+%"&<', authority };
  expect(await askRedis(client, "INFO", "memory")).toContain("maxmemory:2000000\r\n");
});

it("shows no key on a command line", async () => {
  await settle(azure, await send("PUT", CACHE, BASIC));
  const { stdout } = await run("ps", ["-ewwo", "args"]);
  expect(stdout).toContain(azure.caches()[0]?.host);
  for (const key of Object.values(azure.caches()[0]?.keys ?? {})) expect(stdout).not.toContain(key);
});

it("leaves nothing running when it is stopped in the middle of a creation", async () => {
  await send("PUT", CACHE, BASIC);
  await azure.stop();
  const host = azure.resources.list({ type: "Microsoft.Cache/Redis" }).map(({ show }) => {
    const { hostName } = show()["properties"] as { hostName: string };
    return hostName;
  });
  expect(host).toHaveLength(1);
  const { stdout } = await run("ps", ["-ewwo", "args"]);
  expect(stdout).not.toContain(host[0]);
  await start();
});

describe("the schemas", async () => {
  const folder = new URL("../../../rehearsal/azure/schemas/", import.meta.url);
  const stems = (await readdir(folder)).map((file) => file.replace(/\.json$/, ""));

  it.each(stems)("of %s name their source, and refuse a body that is not an object", async (stem) => {
    const { $comment } = JSON.parse(await readFile(new URL(`${stem}.json`, folder), "utf8"));
    expect($comment).toMatch(/azure-rest-api-specs|npm @azure|bicep-types-az/);
    await expect(checkBody(stem, "text")).rejects.toThrow("is invalid");
  });

  it.each([
    [
      "redis.put",
      { ...BASIC, properties: { ...BASIC.properties, redisConfiguration: { maxmemoryPolicy: "x" } } },
    ],
    ["redis.patch", { location: "eastus" }],
    ["redisEnterprise.database.put", { location: "eastus", properties: {} }],
    ["redis.firewallRule.put", { properties: { startIP: "10.0.0.0/8", endIP: "10.0.0.9" } }],
    ["redis.regenerateKey.post", { keyType: "primary" }],
  ])("of %s refuse a body that only looks valid", async (stem, body) => {
    await expect(checkBody(stem, body)).rejects.toMatchObject({ status: 400, code: "InvalidRequestBody" });
  });
});
