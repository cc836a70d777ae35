/** `Microsoft.Cache/redis`, Azure Cache for Redis: API 2024-11-01 (Azure/azure-rest-api-specs, redis.json). */
import { setTimeout as sleep } from "node:timers/promises";
import { displayName } from "../locations.ts";
import { randomLoopback } from "../loopback.ts";
import type { ArmReply, ArmRequest } from "../message.ts";
import type { OperationOptions } from "../operations.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, ArmService, Route } from "../service.ts";
import { firewallRoutes } from "./redis-firewall.ts";
import {
  checkConfiguration,
  checkName,
  DEFAULTS,
  known,
  type Scaling,
  type Settings,
  scalingOf,
} from "./redis-rules.ts";
import { type Cache, Caches, TYPE } from "./redis-state.ts";

const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const GROUP = `${SUBSCRIPTION}/resourceGroups/:resourceGroup`;
const CACHES = "providers/Microsoft.Cache/redis";
const CACHE = `${GROUP}/${CACHES}/:name`;

interface Body {
  location: string;
  tags?: Record<string, string>;
  properties: Partial<Settings> & Pick<Settings, "sku">;
}
interface Patch {
  tags?: Record<string, string>;
  properties?: Partial<Settings>;
}

export function redisService(kernel: ArmKernel): ArmService {
  const caches = new Caches(kernel);
  kernel.privateEndpoints.onChange(async (id) => {
    const cache = caches.list().find((one) => one.id.toLowerCase() === id.toLowerCase());
    if (cache !== undefined) await caches.admit(cache);
  });
  const routes = [
    ...cacheRoutes(kernel, caches),
    ...keyRoutes(kernel, caches),
    ...firewallRoutes(caches, CACHE),
  ];
  return {
    routes: routes.map((route) => ({ ...route, apiVersions: ["2024-11-01"] })),
    async stop() {
      await Promise.all(caches.list().map(({ server }) => server?.stop()));
    },
  };
}

function cacheRoutes(kernel: ArmKernel, caches: Caches): Omit<Route, "apiVersions">[] {
  const { durations } = kernel;
  const { create, update } = writers(kernel, caches);
  return [
    {
      method: "POST",
      pattern: `${SUBSCRIPTION}/providers/Microsoft.Cache/checkNameAvailability`,
      schema: "redis.checkNameAvailability.post",
      handle({ body }) {
        if (caches.isTaken((body as { name: string }).name)) throw refusals.nameTaken();
        return { status: 200 };
      },
    },
    ...[SUBSCRIPTION, GROUP].map((scope) => ({
      method: "GET",
      pattern: `${scope}/${CACHES}`,
      handle: ({ params }: ArmRequest) => {
        const value = caches.list(params["resourceGroup"]).map((cache) => caches.show(cache));
        return { status: 200, body: { value } };
      },
    })),
    {
      method: "GET",
      pattern: CACHE,
      handle: (request) => ({ status: 200, body: caches.show(caches.find(request)) }),
    },
    {
      method: "PUT",
      pattern: CACHE,
      schema: "redis.put",
      handle(request) {
        const body = request.body as Body;
        const cache = caches.peek(request);
        if (cache === undefined) return create(request, body);
        // A PUT is the whole: what it leaves out returns to the default, but for the configuration, which is
        // merged.
        const { redisConfiguration = {} } = body.properties;
        const merged = { ...cache.settings.redisConfiguration, ...redisConfiguration };
        const properties = { ...DEFAULTS, redisVersion: cache.settings.redisVersion, ...body.properties };
        return update(request, { ...body, properties: { ...properties, redisConfiguration: merged } });
      },
    },
    {
      method: "PATCH",
      pattern: CACHE,
      schema: "redis.patch",
      handle: (request) => update(request, request.body as Patch),
    },
    {
      method: "DELETE",
      pattern: CACHE,
      handle(request) {
        const cache = caches.peek(request);
        if (cache === undefined) return { status: 204 };
        if (cache.state === "Creating" || cache.state === "Deleting") throw refusals.busy(cache.id);
        const { state } = cache;
        cache.state = "Deleting";
        kernel.tell("cache deleting", cache.id);
        const headers = follow(kernel, request, cache, {
          durationMs: durations.deleteMs,
          work: async () => cache.server?.setReachable(false),
          succeed: () => caches.remove(cache),
          async fail() {
            cache.state = state;
            await caches.admit(cache);
          },
        });
        return { status: 202, headers };
      },
    },
  ];
}

function writers(kernel: ArmKernel, caches: Caches) {
  const { conditions, durations, subscriptionId } = kernel;

  const create = (request: ArmRequest, { location, tags, properties }: Body): ArmReply => {
    const { resourceGroup = "", name = "" } = request.params;
    if (conditions.retired) throw refusals.retired();
    checkName(name);
    if (caches.isTaken(name)) throw refusals.nameTaken();
    const settings: Settings = { ...DEFAULTS, ...known(properties), sku: properties.sku };
    checkConfiguration(settings);
    const cache: Cache = {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`,
      ...{ name, resourceGroup, location, tags, settings },
      host: randomLoopback(),
      state: "Creating",
      keys: { primary: kernel.newKey(), secondary: kernel.newKey() },
      rules: new Map(),
    };
    caches.add(cache);
    kernel.tell("cache creating", cache.id);
    const headers = follow(kernel, request, cache, {
      durationMs: durations.createMs,
      work: () => caches.launch(cache),
      async succeed() {
        // Deleted, with its group, before it was there.
        if (!caches.has(cache)) return await caches.halt(cache);
        cache.state = "Succeeded";
        kernel.tell("cache created", cache.id);
        return caches.show(cache);
      },
      fail() {
        cache.state = "Failed";
        kernel.tell("cache failed", cache.id);
      },
    });
    return { status: 201, body: caches.show(cache), headers };
  };

  const update = (request: ArmRequest, { tags, properties = {} }: Patch): ArmReply => {
    const cache = caches.idle(request);
    const before = cache.settings;
    const after: Settings = { ...before, ...known(properties) };
    checkConfiguration(after);
    const scaling = scalingOf(before, after);
    if (tags !== undefined) cache.tags = tags;
    if (JSON.stringify(after) === JSON.stringify(before)) return { status: 200, body: caches.show(cache) };
    cache.state = scaling === "none" ? "Updating" : "Scaling";
    kernel.tell(scaling === "none" ? "cache updating" : "cache scaling", cache.id);
    cache.settings = after;
    const headers = follow(kernel, request, cache, {
      durationMs: 0,
      work: () => change(cache, scaling),
      succeed() {
        cache.state = "Succeeded";
        kernel.tell("cache updated", cache.id);
        return caches.show(cache);
      },
      fail() {
        cache.settings = before;
        cache.state = "Succeeded";
      },
    });
    return { status: 200, body: caches.show(cache), headers };
  };

  const change = async (cache: Cache, scaling: Scaling): Promise<void> => {
    if (scaling === "loses-data") await cache.server?.setReachable(false);
    await sleep(durations.updateMs);
    if (scaling === "loses-data") await cache.server?.replace();
    await caches.apply(cache);
  };
  return { create, update };
}

function keyRoutes(kernel: ArmKernel, caches: Caches): Omit<Route, "apiVersions">[] {
  const show = ({ keys }: Cache) => ({ primaryKey: keys.primary, secondaryKey: keys.secondary });
  return [
    {
      method: "POST",
      pattern: `${CACHE}/listKeys`,
      handle(request) {
        const cache = caches.find(request);
        if (cache.state === "Creating") throw refusals.busy(cache.id);
        return { status: 200, body: show(cache) };
      },
    },
    {
      method: "POST",
      pattern: `${CACHE}/regenerateKey`,
      schema: "redis.regenerateKey.post",
      async handle(request) {
        const cache = caches.idle(request);
        const { keyType } = request.body as { keyType: "Primary" | "Secondary" };
        cache.keys[keyType === "Primary" ? "primary" : "secondary"] = kernel.newKey();
        if (!cache.settings.disableAccessKeyAuthentication) await cache.server?.setKeys(cache.keys);
        kernel.tell("key regenerated", cache.id);
        return { status: 200, body: show(cache) };
      },
    },
  ];
}

/** @returns the headers of an answer that is followed */
function follow(
  { operations }: ArmKernel,
  request: ArmRequest,
  { location, state }: Cache,
  options: Pick<OperationOptions, "durationMs" | "succeed" | "fail"> & { work: () => Promise<unknown> },
): Record<string, string> {
  const headers = operations.start(request, {
    ...options,
    namespace: "Microsoft.Cache",
    location: displayName(location),
    collection: "asyncOperations",
    running: state,
  });
  return { "Azure-AsyncOperation": headers.asyncOperation, Location: headers.location, "Retry-After": "0" };
}
