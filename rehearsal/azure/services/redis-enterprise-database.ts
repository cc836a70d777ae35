/** `Microsoft.Cache/redisEnterprise/databases`: each cluster has at most one, named `default`. */
import { setTimeout as sleep } from "node:timers/promises";
import { startCacheServer } from "../cache-server.ts";
import type { ArmReply, ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, Route } from "../service.ts";
import { admit, follow } from "./redis-enterprise-effects.ts";
import {
  accessKeysDisabled,
  checkDatabaseChange,
  DATABASE_DEFAULTS,
  type DatabaseSettings,
  EVICTION,
  memoryBytesOf,
  WITHHELD,
} from "./redis-enterprise-rules.ts";
import { type Cluster, type Clusters, type Database, showDatabase } from "./redis-enterprise-state.ts";

interface Body {
  properties?: Partial<DatabaseSettings>;
}

/** @param path of a cluster */
export function databaseRoutes(
  kernel: ArmKernel,
  clusters: Clusters,
  path: string,
): Omit<Route, "apiVersions">[] {
  const { durations, conditions } = kernel;
  const pattern = `${path}/databases/:database`;

  const launch = async (cluster: Cluster, database: Database): Promise<void> => {
    const { settings } = database;
    const server = await startCacheServer({
      authority: kernel.authority,
      host: cluster.host,
      port: settings.port,
      withheld: WITHHELD,
      memoryBytes: conditions.memoryBytes ?? memoryBytesOf(cluster.sku),
      policy: EVICTION[settings.evictionPolicy],
    });
    database.server = server;
    await server.setKeys(settings.accessKeysAuthentication === "Enabled" ? database.keys : undefined);
    await admit(kernel, cluster);
    const { id } = database;
    kernel.caches.add({ id, name: cluster.name, kind: "redisEnterprise", server, keys: () => database.keys });
  };

  const create = (request: ArmRequest, cluster: Cluster, properties: Partial<DatabaseSettings>): ArmReply => {
    if (request.params["database"]?.toLowerCase() !== "default") {
      throw refusals.badRequest("The database must be named 'default'.");
    }
    if (cluster.state !== "Succeeded") throw refusals.busy(cluster.id);
    const database: Database = {
      id: `${cluster.id}/databases/default`,
      settings: { ...DATABASE_DEFAULTS, ...properties },
      state: "Creating",
      keys: { primary: kernel.newKey(), secondary: kernel.newKey() },
    };
    cluster.database = database;
    kernel.tell("cache creating", database.id);
    const headers = follow(kernel, request, cluster, {
      durationMs: durations.createMs,
      running: "Creating",
      work: () => launch(cluster, database),
      async succeed() {
        // Deleted, with its group, before it was there.
        if (cluster.database !== database || clusters.peek(request) !== cluster) {
          kernel.caches.remove(database.id);
          return await database.server?.stop();
        }
        database.state = "Succeeded";
        kernel.tell("cache created", database.id);
        return showDatabase(database);
      },
      fail() {
        database.state = "Failed";
        kernel.tell("cache failed", database.id);
      },
    });
    return { status: 201, body: showDatabase(database), headers };
  };

  const update = (request: ArmRequest, properties: Partial<DatabaseSettings>): ArmReply => {
    const { cluster, database } = clusters.findDatabase(request);
    if (database.state !== "Succeeded" || cluster.state !== "Succeeded") throw refusals.busy(database.id);
    const settings = { ...database.settings, ...properties };
    const givesNewKeys = checkDatabaseChange(database.settings, settings);
    if (JSON.stringify(settings) === JSON.stringify(database.settings)) {
      return { status: 200, body: showDatabase(database) };
    }
    database.state = "Updating";
    kernel.tell("cache updating", database.id);
    const headers = follow(kernel, request, cluster, {
      durationMs: 0,
      running: "Updating",
      work: () => sleep(durations.updateMs),
      async succeed() {
        database.settings = settings;
        if (givesNewKeys) database.keys = { primary: kernel.newKey(), secondary: kernel.newKey() };
        const { server } = database;
        await server?.setKeys(settings.accessKeysAuthentication === "Enabled" ? database.keys : undefined);
        await server?.configure("maxmemory-policy", EVICTION[settings.evictionPolicy]);
        database.state = "Succeeded";
        kernel.tell("cache updated", database.id);
        return showDatabase(database);
      },
      fail() {
        database.state = "Succeeded";
      },
    });
    return { status: 200, body: showDatabase(database), headers };
  };

  const keysOf = ({ keys }: Database) => ({ primaryKey: keys.primary, secondaryKey: keys.secondary });
  /** @throws ArmRefusal while it is not there, or where it takes no keys */
  const withKeys = (request: ArmRequest): { cluster: Cluster; database: Database } => {
    const found = clusters.findDatabase(request);
    if (found.database.state !== "Succeeded") throw refusals.busy(found.database.id);
    if (found.database.settings.accessKeysAuthentication === "Disabled") throw accessKeysDisabled();
    return found;
  };

  return [
    {
      method: "GET",
      pattern: `${path}/databases`,
      handle(request) {
        const { database } = clusters.find(request);
        return { status: 200, body: { value: database === undefined ? [] : [showDatabase(database)] } };
      },
    },
    {
      method: "GET",
      pattern,
      handle: (request) => ({ status: 200, body: showDatabase(clusters.findDatabase(request).database) }),
    },
    {
      method: "PUT",
      pattern,
      schema: "redisEnterprise.database.put",
      handle(request) {
        const { properties = {} } = request.body as Body;
        const cluster = clusters.find(request);
        const { database } = cluster;
        if (database === undefined || database.state === "Failed")
          return create(request, cluster, properties);
        // A PUT is the whole: what it leaves out returns to the default, but for what was settled at the creation.
        const { port, clusteringPolicy } = database.settings;
        return update(request, { ...DATABASE_DEFAULTS, port, clusteringPolicy, ...properties });
      },
    },
    {
      method: "PATCH",
      pattern,
      schema: "redisEnterprise.database.patch",
      handle: (request) => update(request, (request.body as Body).properties ?? {}),
    },
    {
      method: "DELETE",
      pattern,
      handle(request) {
        const cluster = clusters.find(request);
        const { database } = cluster;
        if (database === undefined) return { status: 204 };
        if (database.state === "Creating") throw refusals.busy(database.id);
        const { state } = database;
        database.state = "Deleting";
        kernel.tell("cache deleting", database.id);
        const headers = follow(kernel, request, cluster, {
          durationMs: durations.deleteMs,
          running: "Deleting",
          async work() {
            await database.server?.setReachable(false);
          },
          succeed: () => clusters.removeDatabase(cluster),
          async fail() {
            database.state = state;
            await admit(kernel, cluster);
          },
        });
        return { status: 202, headers };
      },
    },
    {
      method: "POST",
      pattern: `${pattern}/listKeys`,
      handle: (request) => ({ status: 200, body: keysOf(withKeys(request).database) }),
    },
    {
      method: "POST",
      pattern: `${pattern}/regenerateKey`,
      schema: "redisEnterprise.database.regenerateKey.post",
      async handle(request) {
        const { database } = withKeys(request);
        const { keyType } = request.body as { keyType: "Primary" | "Secondary" };
        database.keys[keyType === "Primary" ? "primary" : "secondary"] = kernel.newKey();
        await database.server?.setKeys(database.keys);
        kernel.tell("key regenerated", database.id);
        return { status: 200, body: keysOf(database) };
      },
    },
  ];
}
