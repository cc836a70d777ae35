/** The caches of Azure Cache for Redis, their servers, and how they are shown. */
import {
  type AccessKeys,
  type CacheServer,
  startCacheServer,
  WITHHELD_BY_AZURE_CACHE,
} from "../cache-server.ts";
import { displayName } from "../locations.ts";
import type { ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel } from "../service.ts";
import { type FirewallRule, isReachable } from "./reachable.ts";
import { maxClientsOf, memoryBytesOf, type Settings } from "./redis-rules.ts";

export const TYPE = "Microsoft.Cache/Redis";
const TLS_PORT = 6380;
const PLAIN_PORT = 6379;

export interface Cache {
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
  server?: CacheServer;
}

export class Caches {
  readonly #byName = new Map<string, Cache>();
  readonly #kernel: ArmKernel;

  constructor(kernel: ArmKernel) {
    this.#kernel = kernel;
  }

  list(resourceGroup?: string): Cache[] {
    const wanted = resourceGroup?.toLowerCase();
    return [...this.#byName.values()].filter(
      (cache) => wanted === undefined || cache.resourceGroup.toLowerCase() === wanted,
    );
  }

  /** Names are unique in the world. */
  isTaken(name: string): boolean {
    const names = [...this.#kernel.conditions.takenNames, ...this.list().map((cache) => cache.name)];
    return names.some((taken) => taken.toLowerCase() === name.toLowerCase());
  }

  add(cache: Cache): void {
    this.#byName.set(keyOf(cache), cache);
    const { id, name, resourceGroup } = cache;
    const remove = () => this.remove(cache);
    this.#kernel.resources.add({ id, type: TYPE, name, resourceGroup, remove, show: () => this.show(cache) });
  }

  async remove(cache: Cache): Promise<void> {
    this.#byName.delete(keyOf(cache));
    this.#kernel.resources.forget(cache.id);
    await this.halt(cache);
    this.#kernel.tell("cache deleted", cache.id);
  }

  /** Ends its server, which may have been on its way when the cache was removed. */
  async halt(cache: Cache): Promise<void> {
    this.#kernel.caches.remove(cache.id);
    await cache.server?.stop();
  }

  has(cache: Cache): boolean {
    return this.#byName.get(keyOf(cache)) === cache;
  }

  peek({ params }: ArmRequest): Cache | undefined {
    const { resourceGroup = "", name = "" } = params;
    return this.#byName.get(keyOf({ resourceGroup, name }));
  }

  /** @throws ArmRefusal 404 */
  find(request: ArmRequest): Cache {
    const { resourceGroup = "", name = "" } = request.params;
    const cache = this.peek(request);
    if (cache === undefined) throw refusals.notFound(TYPE, name, resourceGroup);
    return cache;
  }

  /** @throws ArmRefusal 404, or 409 while an operation on it runs */
  idle(request: ArmRequest): Cache {
    const cache = this.find(request);
    if (cache.state !== "Succeeded") throw refusals.busy(cache.id);
    return cache;
  }

  async launch(cache: Cache): Promise<void> {
    const { id, name, host, settings } = cache;
    const server = await startCacheServer({
      ...{ authority: this.#kernel.authority, host, port: TLS_PORT, withheld: WITHHELD_BY_AZURE_CACHE },
      memoryBytes: this.#memoryBytesOf(settings),
      policy: policyOf(settings),
    });
    cache.server = server;
    await this.apply(cache);
    this.#kernel.caches.add({ id, name, kind: "redis", server, keys: () => cache.keys });
  }

  /** Brings the server to what the settings say. */
  async apply({ server, settings, ...cache }: Cache): Promise<void> {
    if (server === undefined) return;
    await server.setKeys(settings.disableAccessKeyAuthentication ? undefined : cache.keys);
    await server.configure("maxmemory", String(this.#memoryBytesOf(settings)));
    await server.configure("maxmemory-policy", policyOf(settings));
    await server.configure("maxclients", String(maxClientsOf(settings.sku)));
    await server.configure("port", settings.enableNonSslPort ? String(PLAIN_PORT) : "0");
    await this.admit({ ...cache, server, settings });
  }

  /** Lets through whom the cache's settings and rules let through. */
  async admit({ id, server, settings, rules }: Cache): Promise<void> {
    await server?.setReachable(isReachable(this.#kernel, id, settings, [...rules.values()]));
  }

  show(cache: Cache): Record<string, unknown> {
    const { id, name, location, tags = {}, state, host } = cache;
    const { sku, redisConfiguration, ...settings } = cache.settings;
    return {
      ...{ id, name, type: TYPE, location: displayName(location), tags },
      properties: {
        provisioningState: state,
        ...settings,
        sku,
        redisConfiguration: { ...ownConfiguration(cache.settings), ...redisConfiguration },
        hostName: host,
        port: PLAIN_PORT,
        sslPort: TLS_PORT,
        // Null, also right after a create (Azure/open-service-broker-azure#579).
        accessKeys: null,
        instances: [{ sslPort: 15000, isMaster: true, isPrimary: true }],
        linkedServers: [],
        privateEndpointConnections: this.#kernel.privateEndpoints.connectionsOf(id),
      },
    };
  }

  #memoryBytesOf({ sku }: Settings): number {
    return this.#kernel.conditions.memoryBytes ?? memoryBytesOf(sku);
  }
}

const keyOf = ({ resourceGroup, name }: Pick<Cache, "resourceGroup" | "name">): string =>
  `${resourceGroup}/${name}`.toLowerCase();
const policyOf = ({ redisConfiguration }: Settings): string =>
  redisConfiguration["maxmemory-policy"] ?? "volatile-lru";

/** What Azure adds by itself: of the memory it keeps back 10%, as Azure/open-service-broker-azure#579 shows. */
function ownConfiguration({ sku }: Settings): Record<string, string> {
  const maxclients = String(maxClientsOf(sku));
  if (sku.name === "Basic") return { maxclients };
  return { maxclients, "maxmemory-reserved": String(Math.round(memoryBytesOf(sku) / 10_485_760)) };
}
