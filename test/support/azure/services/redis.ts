/** `Microsoft.Cache/redis`, Azure Cache for Redis: API 2024-11-01 (Azure/azure-rest-api-specs, redis.json). */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AccessKeys,
  type CacheServer,
  startCacheServer,
  WITHHELD_BY_AZURE_CACHE,
} from "../cache-server.ts";
import { displayName } from "../locations.ts";
import { randomLoopback } from "../loopback.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, ArmReply, ArmRequest, ArmService, Route } from "../service.ts";
import { type FirewallRule, isReachable } from "./reachable.ts";
import {
  checkConfiguration,
  checkName,
  maxClientsOf,
  memoryBytesOf,
  type Scaling,
  type Sku,
  scalingOf,
} from "./redis-rules.ts";

const TYPE = "Microsoft.Cache/Redis";
const PORT = 6380;
const API_VERSIONS = ["2024-11-01"];
const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const GROUP = `${SUBSCRIPTION}/resourceGroups/:resourceGroup`;
const CACHES = "providers/Microsoft.Cache/redis";
const CACHE = `${GROUP}/${CACHES}/:name`;

interface Settings {
  sku: Sku;
  redisConfiguration: Record<string, string>;
  redisVersion: string;
  enableNonSslPort: boolean;
  minimumTlsVersion: string;
  publicNetworkAccess: "Enabled" | "Disabled";
  disableAccessKeyAuthentication: boolean;
}
interface Body {
  location: string;
  tags?: Record<string, string>;
  zones?: string[];
  properties: Partial<Settings> & { sku: Sku };
}
type Patch = Partial<Omit<Body, "properties">> & { properties?: Partial<Settings> };

interface Cache {
  id: string;
  name: string;
  resourceGroup: string;
  host: string;
  location: string;
  tags: Record<string, string> | undefined;
  settings: Settings;
  state: "Creating" | "Succeeded" | "Failed" | "Scaling" | "Updating" | "Deleting";
  keys: AccessKeys;
  rules: Map<string, FirewallRule>;
  server: CacheServer | undefined;
}

const DEFAULTS: Omit<Settings, "sku"> = {
  redisConfiguration: {},
  redisVersion: "6.0",
  enableNonSslPort: false,
  minimumTlsVersion: "1.2",
  publicNetworkAccess: "Enabled",
  disableAccessKeyAuthentication: false,
};

export function redisService(kernel: ArmKernel): ArmService {
  const { subscriptionId, resources, operations, durations, conditions } = kernel;
  const caches = new Map<string, Cache>();
  const keyOf = (group: string, name: string) => `${group}/${name}`.toLowerCase();
  const list = () => [...caches.values()];

  const peek = ({ params }: ArmRequest) =>
    caches.get(keyOf(params["resourceGroup"] ?? "", params["name"] ?? ""));
  const find = (request: ArmRequest): Cache => {
    const { resourceGroup = "", name = "" } = request.params;
    const cache = peek(request);
    if (cache === undefined) throw refusals.notFound(TYPE, name, resourceGroup);
    return cache;
  };
  const idle = (request: ArmRequest): Cache => {
    const cache = find(request);
    if (cache.state !== "Succeeded") throw refusals.busy(cache.id);
    return cache;
  };
  const isTaken = (name: string) =>
    [...conditions.takenNames, ...list().map((cache) => cache.name)].some(
      (taken) => taken.toLowerCase() === name.toLowerCase(),
    );

  const launch = async (cache: Cache): Promise<void> => {
    const server = await startCacheServer({
      authority: kernel.authority,
      host: cache.host,
      port: PORT,
      withheld: WITHHELD_BY_AZURE_CACHE,
      memoryBytes: conditions.memoryBytes ?? memoryBytesOf(cache.settings.sku),
      policy: cache.settings.redisConfiguration["maxmemory-policy"] ?? "volatile-lru",
    });
    cache.server = server;
    await apply(cache, server);
    const { id, name } = cache;
    kernel.caches.add({ id, name, kind: "redis", server, keys: () => cache.keys });
  };
  const apply = async (cache: Cache, server: CacheServer): Promise<void> => {
    const { sku, redisConfiguration, enableNonSslPort, disableAccessKeyAuthentication } = cache.settings;
    await server.setKeys(disableAccessKeyAuthentication ? undefined : cache.keys);
    await server.configure("maxmemory", String(conditions.memoryBytes ?? memoryBytesOf(sku)));
    await server.configure("maxmemory-policy", redisConfiguration["maxmemory-policy"] ?? "volatile-lru");
    await server.configure("maxclients", String(maxClientsOf(sku)));
    await server.configure("port", enableNonSslPort ? "6379" : "0");
    await admit(cache);
  };
  const admit = async (cache: Cache): Promise<void> => {
    await cache.server?.setReachable(
      isReachable(kernel, cache.id, cache.settings, [...cache.rules.values()]),
    );
  };
  const remove = async (cache: Cache): Promise<void> => {
    kernel.caches.remove(cache.id);
    await cache.server?.stop();
    caches.delete(keyOf(cache.resourceGroup, cache.name));
    resources.forget(cache.id);
    kernel.tell("cache deleted", cache.id);
  };

  const show = (cache: Cache) => {
    const { sku, redisConfiguration, ...settings } = cache.settings;
    const dataBytes = memoryBytesOf(sku);
    return {
      id: cache.id,
      name: cache.name,
      type: TYPE,
      location: displayName(cache.location),
      tags: cache.tags ?? {},
      properties: {
        provisioningState: cache.state,
        ...settings,
        sku,
        redisConfiguration: {
          maxclients: String(maxClientsOf(sku)),
          // What Azure keeps back where it is not told: 10%, as in the answers of Azure/open-service-broker-azure#579.
          ...(sku.name === "Basic"
            ? {}
            : { "maxmemory-reserved": String(Math.round(dataBytes / 10_485_760)) }),
          ...redisConfiguration,
        },
        hostName: cache.host,
        port: 6379,
        sslPort: PORT,
        // Null, also right after a create (Azure/open-service-broker-azure#579).
        accessKeys: null,
        instances: [{ sslPort: 15000, isMaster: true, isPrimary: true }],
        linkedServers: [],
        privateEndpointConnections: kernel.privateEndpoints.connectionsOf(cache.id),
      },
    };
  };

  /** @returns the headers of an answer that is followed */
  const operate = (
    request: ArmRequest,
    cache: Cache,
    options: {
      durationMs: number;
      work: () => Promise<void>;
      after: () => Promise<void>;
      fail: () => void;
    },
  ): Record<string, string> => {
    const { durationMs, work, after, fail } = options;
    const { asyncOperation, location } = operations.start(request, {
      namespace: "Microsoft.Cache",
      location: displayName(cache.location),
      collection: "asyncOperations",
      durationMs,
      running: cache.state,
      work,
      async succeed() {
        await after();
        return peek(request) === cache ? show(cache) : undefined;
      },
      fail,
    });
    return { "Azure-AsyncOperation": asyncOperation, Location: location, "Retry-After": "0" };
  };

  const create = (request: ArmRequest, { location, tags, properties }: Body): ArmReply => {
    const { resourceGroup = "", name = "" } = request.params;
    if (conditions.retired) throw refusals.retired();
    checkName(name);
    if (isTaken(name)) throw refusals.nameTaken();
    const settings = { ...DEFAULTS, ...known(properties), sku: properties.sku };
    checkConfiguration(settings.sku, settings.redisConfiguration);
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`;
    const cache: Cache = {
      ...{ id, name, resourceGroup, location, tags, settings },
      host: randomLoopback(),
      state: "Creating",
      keys: { primary: kernel.newKey(), secondary: kernel.newKey() },
      rules: new Map(),
      server: undefined,
    };
    caches.set(keyOf(resourceGroup, name), cache);
    resources.add({
      ...{ id, type: TYPE, name, resourceGroup },
      show: () => show(cache),
      remove: () => remove(cache),
    });
    kernel.tell("cache creating", id);
    const headers = operate(request, cache, {
      durationMs: durations.createMs,
      work: () => launch(cache),
      async after() {
        // Deleted, with its group, before it was there.
        if (peek(request) !== cache) return await remove(cache);
        cache.state = "Succeeded";
        kernel.tell("cache created", id);
      },
      fail() {
        cache.state = "Failed";
        kernel.tell("cache failed", id);
      },
    });
    return { status: 201, body: show(cache), headers };
  };

  const update = (request: ArmRequest, { tags, properties = {} }: Patch, success: number): ArmReply => {
    const cache = idle(request);
    const settings: Settings = { ...cache.settings, ...known(properties) };
    checkConfiguration(settings.sku, settings.redisConfiguration);
    const scaling = scalingOf(cache.settings.sku, settings.sku);
    const others = { ...settings, sku: cache.settings.sku };
    if (scaling !== "none" && JSON.stringify(others) !== JSON.stringify(cache.settings)) throw mixed();
    if (tags !== undefined) cache.tags = tags;
    if (scaling === "none" && JSON.stringify(settings) === JSON.stringify(cache.settings)) {
      return { status: 200, body: show(cache) };
    }
    cache.state = scaling === "none" ? "Updating" : "Scaling";
    kernel.tell(scaling === "none" ? "cache updating" : "cache scaling", cache.id);
    const before = cache.settings;
    cache.settings = settings;
    const headers = operate(request, cache, {
      durationMs: 0,
      work: () => change(cache, scaling),
      async after() {
        cache.state = "Succeeded";
        kernel.tell("cache updated", cache.id);
      },
      fail() {
        cache.settings = before;
        cache.state = "Succeeded";
      },
    });
    return { status: success, body: show(cache), headers };
  };
  const change = async (cache: Cache, scaling: Scaling): Promise<void> => {
    const { server } = cache;
    if (server === undefined) return;
    if (scaling === "loses-data") await server.setReachable(false);
    await sleep(durations.updateMs);
    if (scaling === "loses-data") await server.replace();
    await apply(cache, server);
  };

  const drop = (request: ArmRequest): ArmReply => {
    const cache = peek(request);
    if (cache === undefined) return { status: 204 };
    if (cache.state === "Creating") throw refusals.busy(cache.id);
    cache.state = "Deleting";
    kernel.tell("cache deleting", cache.id);
    const headers = operate(request, cache, {
      durationMs: durations.deleteMs,
      work: async () => {
        await cache.server?.setReachable(false);
      },
      after: () => remove(cache),
      fail() {
        cache.state = "Succeeded";
      },
    });
    return { status: 202, headers };
  };

  const routes: Omit<Route, "apiVersions">[] = [
    {
      method: "POST",
      pattern: `${SUBSCRIPTION}/providers/Microsoft.Cache/checkNameAvailability`,
      schema: "redis.checkNameAvailability.post",
      handle({ body }) {
        const { name } = body as { name: string };
        if (isTaken(name)) throw refusals.nameTaken();
        return { status: 200 };
      },
    },
    {
      method: "GET",
      pattern: `${SUBSCRIPTION}/${CACHES}`,
      handle: () => ({ status: 200, body: { value: list().map(show) } }),
    },
    {
      method: "GET",
      pattern: `${GROUP}/${CACHES}`,
      handle: ({ params }) => {
        const group = params["resourceGroup"]?.toLowerCase();
        const value = list().filter(({ resourceGroup }) => resourceGroup.toLowerCase() === group);
        return { status: 200, body: { value: value.map(show) } };
      },
    },
    { method: "GET", pattern: CACHE, handle: (request) => ({ status: 200, body: show(find(request)) }) },
    {
      method: "PUT",
      pattern: CACHE,
      schema: "redis.put",
      handle(request) {
        const body = request.body as Body;
        const cache = peek(request);
        if (cache === undefined) return create(request, body);
        // A PUT is the whole: what it leaves out goes back to the default, but for the configuration, which is merged.
        const { redisConfiguration = {} } = body.properties;
        const merged = { ...cache.settings.redisConfiguration, ...redisConfiguration };
        const properties = { ...DEFAULTS, redisVersion: cache.settings.redisVersion, ...body.properties };
        return update(request, { ...body, properties: { ...properties, redisConfiguration: merged } }, 200);
      },
    },
    {
      method: "PATCH",
      pattern: CACHE,
      schema: "redis.patch",
      handle: (request) => update(request, request.body as Patch, 200),
    },
    { method: "DELETE", pattern: CACHE, handle: drop },
    {
      method: "POST",
      pattern: `${CACHE}/listKeys`,
      handle(request) {
        const cache = find(request);
        if (cache.state === "Creating") throw refusals.busy(cache.id);
        return { status: 200, body: keysOf(cache) };
      },
    },
    {
      method: "POST",
      pattern: `${CACHE}/regenerateKey`,
      schema: "redis.regenerateKey.post",
      async handle(request) {
        const cache = idle(request);
        const { keyType } = request.body as { keyType: "Primary" | "Secondary" };
        cache.keys[keyType === "Primary" ? "primary" : "secondary"] = kernel.newKey();
        if (!cache.settings.disableAccessKeyAuthentication) await cache.server?.setKeys(cache.keys);
        kernel.tell("key regenerated", cache.id);
        return { status: 200, body: keysOf(cache) };
      },
    },
    {
      method: "GET",
      pattern: `${CACHE}/firewallRules`,
      handle: (request) => {
        const cache = find(request);
        return {
          status: 200,
          body: { value: [...cache.rules].map(([name, rule]) => showRule(cache, name, rule)) },
        };
      },
    },
    {
      method: "GET",
      pattern: `${CACHE}/firewallRules/:rule`,
      handle(request) {
        const cache = find(request);
        const [name = "", rule] = ruleOf(cache, request);
        if (rule === undefined) throw refusals.notFound(`${TYPE}/firewallRules`, name, cache.resourceGroup);
        return { status: 200, body: showRule(cache, name, rule) };
      },
    },
    {
      method: "PUT",
      pattern: `${CACHE}/firewallRules/:rule`,
      schema: "redis.firewallRule.put",
      async handle(request) {
        const cache = idle(request);
        const [name = "", before] = ruleOf(cache, request);
        const { properties } = request.body as { properties: FirewallRule };
        cache.rules.set(name, properties);
        await admit(cache);
        return { status: before === undefined ? 201 : 200, body: showRule(cache, name, properties) };
      },
    },
    {
      method: "DELETE",
      pattern: `${CACHE}/firewallRules/:rule`,
      async handle(request) {
        const cache = idle(request);
        const [name = "", rule] = ruleOf(cache, request);
        cache.rules.delete(name);
        await admit(cache);
        return { status: rule === undefined ? 204 : 200 };
      },
    },
  ];
  kernel.privateEndpoints.onChange(async (id) => {
    const cache = list().find((one) => one.id.toLowerCase() === id.toLowerCase());
    if (cache !== undefined) await admit(cache);
  });
  return {
    routes: routes.map((route) => ({ ...route, apiVersions: API_VERSIONS })),
    async stop() {
      await Promise.all(list().map(({ server }) => server?.stop()));
    },
  };
}

/** The settings that are kept; fields that clients may not set are passed over, as Azure does. */
function known(properties: Partial<Settings>): Partial<Settings> {
  const names = [...(Object.keys(DEFAULTS) as (keyof Settings)[]), "sku" as const];
  return Object.fromEntries(
    names.filter((name) => properties[name] !== undefined).map((name) => [name, properties[name]]),
  );
}

const keysOf = ({ keys }: Cache) => ({ primaryKey: keys.primary, secondaryKey: keys.secondary });
const ruleOf = ({ rules }: Cache, { params }: ArmRequest): [string, FirewallRule | undefined] => {
  const name = params["rule"] ?? "";
  return [name, rules.get(name)];
};
const showRule = (cache: Cache, name: string, properties: FirewallRule) => ({
  id: `${cache.id}/firewallRules/${name}`,
  name: `${cache.name}/${name}`,
  type: `${TYPE}/firewallRules`,
  properties,
});

/** Seen by users as a failing update (the facts' source names no words): they are the emulator's. */
const mixed = () => refusals.badRequest("The SKU and other properties cannot be changed in the same update.");
