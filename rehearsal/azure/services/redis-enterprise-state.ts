/** The clusters of Azure Managed Redis with their one database each, and how both are shown. */
import type { AccessKeys, CacheServer } from "../cache-server.ts";
import { displayName } from "../locations.ts";
import type { ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel } from "../service.ts";
import type { ClusterSettings, DatabaseSettings } from "./redis-enterprise-rules.ts";

export const TYPE = "Microsoft.Cache/redisEnterprise";
export const DATABASE_TYPE = `${TYPE}/databases`;

type State = "Creating" | "Succeeded" | "Failed" | "Updating" | "Deleting";

export interface Database {
  id: string;
  settings: DatabaseSettings;
  state: State;
  keys: AccessKeys;
  server?: CacheServer;
}
export interface Cluster {
  id: string;
  name: string;
  resourceGroup: string;
  host: string;
  location: string;
  tags: Record<string, string> | undefined;
  sku: string;
  settings: ClusterSettings;
  state: State;
  database?: Database;
}

export class Clusters {
  readonly #byName = new Map<string, Cluster>();
  readonly #kernel: ArmKernel;

  constructor(kernel: ArmKernel) {
    this.#kernel = kernel;
  }

  list(resourceGroup?: string): Cluster[] {
    const wanted = resourceGroup?.toLowerCase();
    return [...this.#byName.values()].filter(
      (cluster) => wanted === undefined || cluster.resourceGroup.toLowerCase() === wanted,
    );
  }

  add(cluster: Cluster): void {
    this.#byName.set(`${cluster.resourceGroup}/${cluster.name}`.toLowerCase(), cluster);
    const { id, name, resourceGroup } = cluster;
    const remove = () => this.remove(cluster);
    this.#kernel.resources.add({
      id,
      type: TYPE,
      name,
      resourceGroup,
      remove,
      show: () => this.show(cluster),
    });
  }

  async remove(cluster: Cluster): Promise<void> {
    await this.removeDatabase(cluster);
    this.#byName.delete(`${cluster.resourceGroup}/${cluster.name}`.toLowerCase());
    this.#kernel.resources.forget(cluster.id);
    this.#kernel.tell("cluster deleted", cluster.id);
  }

  async removeDatabase(cluster: Cluster): Promise<void> {
    const { database } = cluster;
    if (database === undefined) return;
    delete cluster.database;
    this.#kernel.caches.remove(database.id);
    await database.server?.stop();
    this.#kernel.tell("cache deleted", database.id);
  }

  peek({ params }: ArmRequest): Cluster | undefined {
    return this.#byName.get(`${params["resourceGroup"]}/${params["name"]}`.toLowerCase());
  }

  /** @throws ArmRefusal 404 */
  find(request: ArmRequest): Cluster {
    const { resourceGroup = "", name = "" } = request.params;
    const cluster = this.peek(request);
    if (cluster === undefined) throw refusals.notFound(TYPE, name, resourceGroup);
    return cluster;
  }

  /** @throws ArmRefusal 404, also where the database has another name than the one that there can be */
  findDatabase(request: ArmRequest): { cluster: Cluster; database: Database } {
    const { resourceGroup = "", name = "", database: asked = "" } = request.params;
    const cluster = this.find(request);
    const { database } = cluster;
    if (database === undefined || asked.toLowerCase() !== "default") {
      throw refusals.notFound(DATABASE_TYPE, `${name}/${asked}`, resourceGroup);
    }
    return { cluster, database };
  }

  show(cluster: Cluster): Record<string, unknown> {
    const { id, name, location, tags = {}, sku, settings, state, host } = cluster;
    return {
      ...{ id, name, type: TYPE, kind: "v2", location: displayName(location), tags, sku: { name: sku } },
      properties: {
        ...settings,
        provisioningState: state,
        resourceState: resourceStateOf(state),
        hostName: host,
        redundancyMode: settings.highAvailability === "Enabled" ? "ZR" : "None",
        privateEndpointConnections: this.#kernel.privateEndpoints.connectionsOf(id),
      },
    };
  }
}

export function showDatabase({ id, settings, state }: Database): Record<string, unknown> {
  return {
    ...{ id, name: "default", type: DATABASE_TYPE },
    properties: {
      ...settings,
      provisioningState: state,
      resourceState: resourceStateOf(state),
      redisVersion: "7.4",
      deferUpgrade: "NotDeferred",
    },
  };
}

const resourceStateOf = (state: State): string =>
  ({
    Succeeded: "Running",
    Failed: "CreateFailed",
    Creating: "Creating",
    Updating: "Updating",
    Deleting: "Deleting",
  })[state];
