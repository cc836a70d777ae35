import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decode, encode, type Values } from "../../../../infra/provider/protocol/values.ts";
import { type Azure, startAzure } from "../../azure/emulator.ts";
import { refusals } from "../../azure/refusals.ts";

const REDIS = "azure-native:redis:Redis";
const ALERT = "azure-native:monitor:MetricAlert";
const CLUSTER = "azure-native:redisenterprise:RedisEnterprise";
const urnOf = (type: string): string => `urn:pulumi:dev::p::${type}::c`;
const wire = (values: Values) => encode(values, new Set());

/** The stand-in's process, asked as Pulumi's engine asks. */
class Plugin {
  readonly child: ChildProcess;
  #client: InstanceType<typeof service.ResourceProviderClient> | undefined;

  constructor(env: Record<string, string>) {
    const executable = join(import.meta.dirname, "pulumi-resource-azure-native");
    this.child = spawn(executable, ["127.0.0.1:1"], {
      env: { ...process.env, ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
  }

  async configure(): Promise<void> {
    if (this.child.stdout === null) throw new Error("no standard output");
    const [port] = (await once(createInterface({ input: this.child.stdout }), "line")) as [string];
    this.#client = new service.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const request = new proto.ConfigureRequest();
    request.setSendsOldInputs(true);
    request.setSendsOldInputsToDelete(true);
    await this.call("configure", request);
  }

  call<Response>(method: string, request: object): Promise<Response> {
    return new Promise((resolve, reject) => {
      const answer = (error: ServiceError | null, response: Response) =>
        error ? reject(error) : resolve(response);
      Reflect.get(Object(this.#client), method).call(this.#client, request, answer);
    });
  }

  async check(type: string, inputs: Values): Promise<Values> {
    const request = new proto.CheckRequest();
    request.setUrn(urnOf(type));
    request.setNews(wire(inputs));
    const response = await this.call<proto.CheckResponse>("check", request);
    const reasons = response.getFailuresList().map((failure) => failure.getReason());
    if (reasons.length > 0) throw new Error(reasons.join("\n"));
    return decode(response.getInputs()).values;
  }

  async create(type: string, inputs: Values, preview = false): Promise<{ id: string; state: Values }> {
    const request = new proto.CreateRequest();
    request.setUrn(urnOf(type));
    request.setPreview(preview);
    request.setProperties(wire(await this.check(type, inputs)));
    const response = await this.call<proto.CreateResponse>("create", request);
    return { id: response.getId(), state: decode(response.getProperties()).values };
  }

  async read(type: string, id: string, state: Values, inputs: Values) {
    const request = new proto.ReadRequest();
    request.setUrn(urnOf(type));
    request.setId(id);
    request.setProperties(wire(state));
    request.setInputs(wire(inputs));
    const response = await this.call<proto.ReadResponse>("read", request);
    return { id: response.getId(), inputs: decode(response.getInputs()).values };
  }

  async diff(type: string, before: Values, after: Values) {
    const request = new proto.DiffRequest();
    request.setUrn(urnOf(type));
    request.setOldInputs(wire(before));
    request.setNews(wire(after));
    const response = await this.call<proto.DiffResponse>("diff", request);
    return {
      changed: response.getDiffsList(),
      replaces: response.getReplacesList(),
      deleteFirst: response.getDeletebeforereplace(),
    };
  }

  async delete(type: string, id: string): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(urnOf(type));
    request.setId(id);
    await this.call("delete", request);
  }

  async end(): Promise<void> {
    this.#client?.close();
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}

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
  const asked = () =>
    azure.log
      .slice(from)
      .filter(({ path }) => path.startsWith("/subscriptions/"))
      .map(({ method, path, status }) => `${method} ${path.split("/").slice(-2).join("/")} ${status}`);

  beforeAll(async () => {
    azure = await startAzure();
    plugin = new Plugin(azure.env);
    await plugin.configure();
  });
  afterAll(async () => {
    await plugin?.end();
    await azure?.stop();
  });
  beforeEach(() => {
    from = azure.log.length;
  });

  it("looks before it makes, sends Azure's own names, follows the operation, and reads what came of it", async () => {
    const { id, state } = await plugin.create(REDIS, redis("one"));
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
    expect(state).toMatchObject({
      sslPort: 6380,
      provisioningState: "Succeeded",
      redisConfiguration: { maxmemoryPolicy: "allkeys-lru" },
      azureApiVersion: "2024-11-01",
    });
    const again = await plugin.read(REDIS, id, state, redis("one"));
    expect(again).toEqual({ id, inputs: redis("one") });
    await plugin.delete(REDIS, id);
    expect((await plugin.read(REDIS, id, state, redis("one"))).id).toBe("");
  });

  it("makes nothing of what is there already", async () => {
    const { id } = await plugin.create(REDIS, redis("two"));
    await expect(plugin.create(REDIS, redis("two"))).rejects.toThrow(
      /cannot create already existing resource '.*\/redis\/two'/,
    );
    await plugin.delete(REDIS, id);
    await plugin.delete(REDIS, id);
  });

  it("asks nothing in a preview", async () => {
    const { state } = await plugin.create(REDIS, redis("three"), true);
    expect(state).toMatchObject({ name: "three", sku: { name: "Basic" } });
    expect(typeof state["hostName"]).toBe("symbol");
    expect(asked()).toEqual([]);
  });

  it("passes Azure's refusal on in the provider's form", async () => {
    azure.conditions.retired = true;
    await expect(plugin.create(REDIS, redis("four"))).rejects.toMatchObject({
      details: expect.stringMatching(
        /^Status=400 Code="BadRequest" Message="Azure Cache for Redis is retiring/,
      ),
    });
    azure.conditions.retired = false;
  });

  it("asks again when it is throttled, when a connection drops, and when a provider is not registered", async () => {
    azure.fault({ method: "PUT", path: /redis\/five$/, reply: refusals.throttled(0).reply });
    azure.fault({ method: "GET", path: /redis\/five$/, drop: true });
    azure.conditions.unregistered = ["Microsoft.Cache"];
    const { id } = await plugin.create(REDIS, redis("five"));
    expect(asked()).toEqual(
      expect.arrayContaining(["PUT redis/five 429", "POST Microsoft.Cache/register 200"]),
    );
    await plugin.delete(REDIS, id);
  });

  it("writes alert criteria by Azure's own names, and takes only those of one kind", async () => {
    const { id: cache } = await plugin.create(REDIS, redis("watched"));
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
    const { id, state } = await plugin.create(ALERT, rule);
    expect(azure.log.findLast(({ method }) => method === "PUT")?.requestBody).toMatchObject({
      location: "global",
      properties: { criteria: { "odata.type": odataType, allOf: [criterion] } },
    });
    expect(state["criteria"]).toEqual(rule.criteria);
    expect(await plugin.read(ALERT, id, state, rule)).toEqual({ id, inputs: rule });
    const { threshold: _, ...without } = criterion;
    await expect(plugin.check(ALERT, { ...rule, criteria: { odataType, allOf: [without] } })).rejects.toThrow(
      /threshold/,
    );
    await expect(
      plugin.check(ALERT, { ...rule, criteria: { odataType: "Other", allOf: [] } }),
    ).rejects.toThrow(/odataType/);
    await plugin.delete(ALERT, id);
    await plugin.delete(REDIS, cache);
  });

  it("tells the engine what is left of a creation that failed", async () => {
    azure.fault({ method: "PUT", path: /redis\/six$/, operation: { status: "Failed" } });
    const error = (await plugin
      .create(REDIS, redis("six"))
      .catch((caught: unknown) => caught)) as ServiceError;
    expect(error.details).toMatch(/^Status=200 Message=".*Failed/);
    const [trailer] = error.metadata.get("grpc-status-details-bin");
    expect(String(trailer)).toContain("ErrorResourceInitFailed");
    expect(String(trailer)).toContain("/redis/six");
  });

  it("gives up what it cannot do without", async () => {
    const { location: _, ...nowhere } = redis("seven");
    await expect(plugin.check(REDIS, nowhere)).rejects.toThrow("missing required property 'location'");
    const { sku: __, ...shapeless } = redis("seven");
    await expect(plugin.check(REDIS, shapeless)).rejects.toThrow("missing required property 'sku'");
    await expect(plugin.check(CLUSTER, { clusterName: "c", resourceGroupName: "g" })).rejects.toThrow(
      "missing required property 'publicNetworkAccess'",
    );
    const wrong = { ...redis("seven"), sku: { name: "Basic", family: "C", capacity: "0" } };
    await expect(plugin.check(REDIS, wrong)).rejects.toThrow(
      "'sku.capacity' should be of type 'number' but got a string",
    );
  });

  it("refuses what it does not know", async () => {
    await expect(plugin.check(REDIS, { ...redis("eight"), updateChannel: "Stable" })).rejects.toThrow(
      "does not know the input updateChannel",
    );
    await expect(plugin.check("azure-native:web:WebApp", {})).rejects.toThrow(
      "Resource type azure-native:web:WebApp not found",
    );
  });

  it("replaces for another place or name, deleting first, and for nothing else", async () => {
    const replaced = (more: Values) => plugin.diff(REDIS, redis("nine"), { ...redis("nine"), ...more });
    expect(await replaced({ location: "westus" })).toEqual({
      changed: ["location"],
      replaces: ["location"],
      deleteFirst: true,
    });
    expect((await replaced({ name: "ten" })).replaces).toEqual(["name"]);
    expect((await replaced({ resourceGroupName: "other" })).replaces).toEqual(["resourceGroupName"]);
    expect(await replaced({ location: "East US" })).toMatchObject({ changed: [] });
    const resized = await replaced({ sku: { name: "Basic", family: "C", capacity: 1 } });
    expect(resized).toEqual({ changed: ["sku"], replaces: [], deleteFirst: false });
  });
});
