/** `Microsoft.Cache/redisEnterprise`, the clusters of Azure Managed Redis: API 2025-07-01 (redisenterprise.json). */
import { setTimeout as sleep } from "node:timers/promises";
import { randomLoopback } from "../loopback.ts";
import type { ArmReply, ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, ArmService, Route } from "../service.ts";
import { databaseRoutes } from "./redis-enterprise-database.ts";
import { admit, follow } from "./redis-enterprise-effects.ts";
import {
  CLUSTER_DEFAULTS,
  type ClusterSettings,
  checkClusterChange,
  checkClusterName,
  checkSku,
  memoryBytesOf,
} from "./redis-enterprise-rules.ts";
import { type Cluster, Clusters, TYPE } from "./redis-enterprise-state.ts";

const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const CLUSTERS = "/providers/Microsoft.Cache/redisEnterprise";
const GROUP = `${SUBSCRIPTION}/resourceGroups/:resourceGroup`;
export const CLUSTER = `${GROUP}${CLUSTERS}/:name`;

interface Body {
  location: string;
  tags?: Record<string, string>;
  zones?: string[];
  sku: { name: string };
  properties: Partial<ClusterSettings> & Pick<ClusterSettings, "publicNetworkAccess">;
}
type Patch = Partial<Omit<Body, "properties">> & { properties?: Partial<ClusterSettings> };

export function redisEnterpriseService(kernel: ArmKernel): ArmService {
  const clusters = new Clusters(kernel);
  const clusterRoutes = routesOf(kernel, clusters);
  kernel.privateEndpoints.onChange(async (id) => {
    const cluster = clusters.list().find((one) => one.id.toLowerCase() === id.toLowerCase());
    if (cluster !== undefined) await admit(kernel, cluster);
  });
  return {
    routes: [...clusterRoutes, ...databaseRoutes(kernel, clusters, CLUSTER)].map((route) => ({
      ...route,
      apiVersions: ["2025-07-01"],
    })),
    async stop() {
      await Promise.all(clusters.list().map(({ database }) => database?.server?.stop()));
    },
  };
}

function routesOf(kernel: ArmKernel, clusters: Clusters): Omit<Route, "apiVersions">[] {
  const { conditions, durations, subscriptionId } = kernel;

  const build = (request: ArmRequest, cluster: Cluster): ArmReply => {
    cluster.state = "Creating";
    kernel.tell("cluster creating", cluster.id);
    const headers = follow(kernel, request, cluster, {
      durationMs: durations.createMs,
      running: "Creating",
      async work() {
        if (conditions.fullSkus.includes(cluster.sku)) throw refusals.insufficientCapacity();
      },
      succeed() {
        cluster.state = "Succeeded";
        kernel.tell("cluster created", cluster.id);
        return clusters.show(cluster);
      },
      // What is left behind is in the way of the next create until a user deletes it (langchain-ai/terraform#258).
      fail() {
        cluster.state = "Failed";
        kernel.tell("cluster failed", cluster.id);
      },
    });
    return { status: 201, body: clusters.show(cluster), headers };
  };

  const create = (request: ArmRequest, { location, tags, zones = [], sku, properties }: Body): ArmReply => {
    const { resourceGroup = "", name = "" } = request.params;
    checkClusterName(name);
    checkSku(sku.name, zones);
    memoryBytesOf(sku.name);
    const names = [...conditions.takenNames, ...clusters.list().map((cluster) => cluster.name)];
    if (names.some((taken) => taken.toLowerCase() === name.toLowerCase())) throw refusals.nameTaken();
    const cluster: Cluster = {
      id: `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`,
      ...{ name, resourceGroup, location, tags, sku: sku.name },
      host: randomLoopback(),
      settings: { ...CLUSTER_DEFAULTS, ...properties },
      state: "Creating",
    };
    clusters.add(cluster);
    return build(request, cluster);
  };

  const update = (request: ArmRequest, { tags, zones = [], sku, properties }: Patch): ArmReply => {
    const cluster = clusters.find(request);
    if (cluster.state !== "Succeeded") throw refusals.busy(cluster.id);
    const settings = { ...cluster.settings, ...properties };
    const wantedSku = sku?.name ?? cluster.sku;
    checkSku(wantedSku, zones);
    checkClusterChange(cluster.settings, settings);
    if (tags !== undefined) cluster.tags = tags;
    const scales = wantedSku !== cluster.sku;
    if (!scales && JSON.stringify(settings) === JSON.stringify(cluster.settings)) {
      return { status: 200, body: clusters.show(cluster) };
    }
    cluster.state = "Updating";
    kernel.tell(scales ? "cluster scaling" : "cluster updating", cluster.id);
    const headers = follow(kernel, request, cluster, {
      durationMs: 0,
      running: "Updating",
      async work() {
        if (scales && conditions.fullSkus.includes(wantedSku)) throw refusals.insufficientCapacity();
        await scale(cluster, scales ? wantedSku : undefined);
      },
      async succeed() {
        cluster.state = "Succeeded";
        cluster.sku = wantedSku;
        cluster.settings = settings;
        await admit(kernel, cluster);
        kernel.tell("cluster updated", cluster.id);
        return clusters.show(cluster);
      },
      fail() {
        cluster.state = "Succeeded";
      },
    });
    return { status: 200, body: clusters.show(cluster), headers };
  };

  /** Without high availability there is nowhere for the data to go meanwhile: learn.microsoft.com/azure/redis/how-to-scale. */
  const scale = async ({ database, settings }: Cluster, sku: string | undefined): Promise<void> => {
    const server = database?.server;
    const losesData = sku !== undefined && settings.highAvailability === "Disabled";
    if (losesData) await server?.setReachable(false);
    await sleep(durations.updateMs);
    if (losesData) await server?.replace();
    if (sku !== undefined)
      await server?.configure("maxmemory", String(conditions.memoryBytes ?? memoryBytesOf(sku)));
  };

  return [
    {
      method: "GET",
      pattern: `${SUBSCRIPTION}${CLUSTERS}`,
      handle: () => ({
        status: 200,
        body: { value: clusters.list().map((cluster) => clusters.show(cluster)) },
      }),
    },
    {
      method: "GET",
      pattern: `${GROUP}${CLUSTERS}`,
      handle: ({ params }) => {
        const value = clusters.list(params["resourceGroup"]).map((cluster) => clusters.show(cluster));
        return { status: 200, body: { value } };
      },
    },
    {
      method: "GET",
      pattern: CLUSTER,
      handle: (request) => ({ status: 200, body: clusters.show(clusters.find(request)) }),
    },
    {
      method: "PUT",
      pattern: CLUSTER,
      schema: "redisEnterprise.put",
      handle(request) {
        const body = request.body as Body;
        const cluster = clusters.peek(request);
        if (cluster === undefined) return create(request, body);
        if (cluster.state !== "Failed") {
          return update(request, { ...body, properties: { ...CLUSTER_DEFAULTS, ...body.properties } });
        }
        checkSku(body.sku.name, body.zones ?? []);
        cluster.sku = body.sku.name;
        cluster.settings = { ...CLUSTER_DEFAULTS, ...body.properties };
        return build(request, cluster);
      },
    },
    {
      method: "PATCH",
      pattern: CLUSTER,
      schema: "redisEnterprise.patch",
      handle: (request) => update(request, request.body as Patch),
    },
    {
      method: "DELETE",
      pattern: CLUSTER,
      handle(request) {
        const cluster = clusters.peek(request);
        if (cluster === undefined) return { status: 204 };
        if (cluster.state === "Creating") throw refusals.busy(cluster.id);
        const { state } = cluster;
        cluster.state = "Deleting";
        kernel.tell("cluster deleting", cluster.id);
        const headers = follow(kernel, request, cluster, {
          durationMs: durations.deleteMs,
          running: "Deleting",
          async work() {
            await cluster.database?.server?.setReachable(false);
          },
          succeed: () => clusters.remove(cluster),
          async fail() {
            cluster.state = state;
            await admit(kernel, cluster);
          },
        });
        return { status: 202, headers };
      },
    },
  ];
}
