import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Values } from "../../../../infra/provider/protocol/values.ts";
import { type Azure, startAzure } from "../../../../rehearsal/azure/emulator.ts";
import { refusals } from "../../../../rehearsal/azure/refusals.ts";
import { accepted, Failed, type Found, type Plugin } from "../../../support/plugin.ts";
import { startStandIn } from "../../../support/start-stand-in.ts";

const REDIS = "azure-native:redis:Redis";
const ALERT = "azure-native:monitor:MetricAlert";
const CLUSTER = "azure-native:redisenterprise:RedisEnterprise";

const redis = (name: string): { [key: string]: Values[string] } => ({
  name,
  resourceGroupName: "propiq-rg",
  location: "eastus",
  sku: { name: "Basic", family: "C", capacity: 0 },
  redisConfiguration: { maxmemoryPolicy: "allkeys-lru" },
});

describe("the stand-in for azure-native", () => {
  let azure: Azure;
  let plugin: Plugin;
  let from = 0;
  const check = (type: string, inputs: Values) => accepted(plugin, type, inputs);
  const create = async (type: string, inputs: Values): Promise<Found> =>
    await plugin.create(type, await check(type, inputs));
  const asked = () =>
    azure.log
      .slice(from)
      .filter(({ path }) => path.startsWith("/subscriptions/"))
      .map(({ method, path, status }) => `${method} ${path.split("/").slice(-2).join("/")} ${status}`);

  beforeAll(async () => {
    azure = await startAzure();
    plugin = await startStandIn("azure-native", azure.env);
  });
  afterAll(async () => {
    await plugin?.stop();
    await azure?.stop();
  });
  beforeEach(() => {
    from = azure.log.length;
  });

  it("looks before it creates, sends Azure's own names, follows the operation, and reads the result", async () => {
    const { id, state } = await create(REDIS, redis("one"));
    const calls = asked();
    expect(calls[0]).toBe("GET redis/one 404");
    expect(calls[1]).toBe("PUT redis/one 201");
    expect(calls.slice(2, -2).every((call) => call.startsWith("GET asyncOperations/"))).toBe(true);
    expect(calls.slice(-2).every((call) => /^GET redis\/one 200$/i.test(call))).toBe(true);
    const put = azure.log.slice(from).find(({ method }) => method === "PUT");
    expect(put?.requestBody).toEqual({
      location: "eastus",
      properties: {
        sku: { name: "Basic", family: "C", capacity: 0 },
        redisConfiguration: { "maxmemory-policy": "allkeys-lru" },
      },
    });
    expect(state.values).toMatchObject({
      sslPort: 6380,
      provisioningState: "Succeeded",
      redisConfiguration: { maxmemoryPolicy: "allkeys-lru" },
      azureApiVersion: "2024-11-01",
    });
    const again = await plugin.read(REDIS, id, state, redis("one"));
    expect([again.id, again.inputs.values]).toEqual([id, redis("one")]);
    await plugin.delete(REDIS, id);
    expect((await plugin.read(REDIS, id, state, redis("one"))).id).toBe("");
  });

  it("creates nothing that already exists", async () => {
    const { id } = await create(REDIS, redis("two"));
    await expect(create(REDIS, redis("two"))).rejects.toThrow(
      /cannot create already existing resource '.*\/redis\/two'/,
    );
    await plugin.delete(REDIS, id);
    await plugin.delete(REDIS, id);
  });

  it("asks nothing in a preview", async () => {
    const { state } = await plugin.create(REDIS, await check(REDIS, redis("three")), "preview");
    expect(state.values).toMatchObject({ name: "three", sku: { name: "Basic" } });
    expect(typeof state.values["hostName"]).toBe("symbol");
    expect(asked()).toEqual([]);
  });

  it("passes Azure's refusal on in the provider's form", async () => {
    azure.conditions.retired = true;
    await expect(create(REDIS, redis("four"))).rejects.toThrow(
      /^Status=400 Code="BadRequest" Message="Azure Cache for Redis is retiring/,
    );
    azure.conditions.retired = false;
  });

  it("asks again when it is throttled, when a connection drops, and when a provider is not registered", async () => {
    azure.fault({ method: "PUT", path: /redis\/five$/, reply: refusals.throttled(0).reply });
    azure.fault({ method: "GET", path: /redis\/five$/, drop: true });
    azure.conditions.unregistered = ["Microsoft.Cache"];
    const { id } = await create(REDIS, redis("five"));
    expect(asked()).toEqual(
      expect.arrayContaining(["PUT redis/five 429", "POST Microsoft.Cache/register 200"]),
    );
    await plugin.delete(REDIS, id);
  });

  it("writes alert criteria by Azure's own names, and takes only those of one kind", async () => {
    const { id: cache } = await create(REDIS, redis("watched"));
    const criterion = {
      ...{
        criterionType: "StaticThresholdCriterion",
        name: "c",
        metricName: "errors",
        operator: "GreaterThan",
      },
      ...{ threshold: 0, timeAggregation: "Maximum", skipMetricValidation: true },
    };
    const odataType = "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria";
    const rule = {
      ...{ ruleName: "rule", resourceGroupName: "propiq-rg", location: "global", severity: 2, enabled: true },
      ...{ scopes: [cache], evaluationFrequency: "PT1M", windowSize: "PT5M" },
      criteria: { odataType, allOf: [criterion] },
    };
    const { id, state } = await create(ALERT, rule);
    expect(azure.log.findLast(({ method }) => method === "PUT")?.requestBody).toMatchObject({
      location: "global",
      properties: { criteria: { "odata.type": odataType, allOf: [criterion] } },
    });
    expect(state.values["criteria"]).toEqual(rule.criteria);
    const again = await plugin.read(ALERT, id, state, rule);
    expect([again.id, again.inputs.values]).toEqual([id, rule]);
    const { threshold: _, ...without } = criterion;
    await expect(check(ALERT, { ...rule, criteria: { odataType, allOf: [without] } })).rejects.toThrow(
      /threshold/,
    );
    await expect(check(ALERT, { ...rule, criteria: { odataType: "Other", allOf: [] } })).rejects.toThrow(
      /odataType/,
    );
    await plugin.delete(ALERT, id);
    await plugin.delete(REDIS, cache);
  });

  it("reports to the engine what remains of a failed creation", async () => {
    azure.fault({ method: "PUT", path: /redis\/six$/, operation: { status: "Failed" } });
    const error = await create(REDIS, redis("six")).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Failed);
    const { message, recorded } = error as Failed;
    expect(message).toMatch(/^Status=200 Message=".*Failed/);
    expect(recorded?.id).toMatch(/\/redis\/six$/);
    expect(recorded?.state.values).toMatchObject({ name: "six" });
  });

  it("stops where something required is missing", async () => {
    const { location: _, ...nowhere } = redis("seven");
    await expect(check(REDIS, nowhere)).rejects.toThrow("missing required property 'location'");
    const { sku: __, ...shapeless } = redis("seven");
    await expect(check(REDIS, shapeless)).rejects.toThrow("missing required property 'sku'");
    await expect(check(CLUSTER, { clusterName: "c", resourceGroupName: "g" })).rejects.toThrow(
      "missing required property 'publicNetworkAccess'",
    );
    const wrong = { ...redis("seven"), sku: { name: "Basic", family: "C", capacity: "0" } };
    await expect(check(REDIS, wrong)).rejects.toThrow(
      "'sku.capacity' should be of type 'number' but got a string",
    );
  });

  it("refuses what it does not know", async () => {
    await expect(check(REDIS, { ...redis("eight"), updateChannel: "Stable" })).rejects.toThrow(
      "does not know the input updateChannel",
    );
    await expect(check("azure-native:web:WebApp", {})).rejects.toThrow(
      "Resource type azure-native:web:WebApp not found",
    );
  });

  it("replaces for another place or name, deleting first, and for nothing else", async () => {
    const replaced = (more: Values) => plugin.diff(REDIS, redis("nine"), { ...redis("nine"), ...more });
    expect(await replaced({ location: "westus" })).toMatchObject({
      changed: ["location"],
      replaces: ["location"],
      deleteBeforeReplace: true,
    });
    expect((await replaced({ name: "ten" })).replaces).toEqual(["name"]);
    expect((await replaced({ resourceGroupName: "other" })).replaces).toEqual(["resourceGroupName"]);
    expect(await replaced({ location: "East US" })).toMatchObject({ changed: [] });
    const resized = await replaced({ sku: { name: "Basic", family: "C", capacity: 1 } });
    expect(resized).toMatchObject({ changed: ["sku"], replaces: [], deleteBeforeReplace: false });
  });
});
