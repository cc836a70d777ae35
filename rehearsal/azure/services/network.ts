/** `Microsoft.Network/privateEndpoints` and their DNS zone groups: API 2024-05-01, as far as caches need them. */

import { ArmRefusal, type ArmReply, type ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, ArmService, Route } from "../service.ts";

const TYPE = "Microsoft.Network/privateEndpoints";
const ENDPOINT =
  "/subscriptions/:subscriptionId/resourceGroups/:resourceGroup/providers/Microsoft.Network/privateEndpoints/:name";
const ZONE_GROUP = `${ENDPOINT}/privateDnsZoneGroups/:zoneGroup`;

/** What can be reached, by type: learn.microsoft.com/azure/private-link/private-endpoint-overview. */
const GROUP_IDS: Readonly<Record<string, string>> = {
  "microsoft.cache/redis": "redisCache",
  "microsoft.cache/redisenterprise": "redisEnterprise",
};

interface Link {
  name: string;
  properties: { privateLinkServiceId: string; groupIds?: string[] };
}
interface Body {
  location: string;
  tags?: Record<string, string>;
  properties: { subnet: { id: string }; privateLinkServiceConnections?: Link[] };
}
interface Endpoint {
  id: string;
  name: string;
  resourceGroup: string;
  body: Body;
  state: "Updating" | "Succeeded" | "Failed" | "Deleting";
  zoneGroups: Map<string, unknown>;
}

export function networkService(kernel: ArmKernel): ArmService {
  const { resources, operations, durations, privateEndpoints, subscriptionId } = kernel;
  const endpoints = new Map<string, Endpoint>();
  const keyOf = ({ params }: ArmRequest) => `${params["resourceGroup"]}/${params["name"]}`.toLowerCase();

  const find = (request: ArmRequest): Endpoint => {
    const { resourceGroup = "", name = "" } = request.params;
    const endpoint = endpoints.get(keyOf(request));
    if (endpoint === undefined) throw refusals.notFound(TYPE, name, resourceGroup);
    return endpoint;
  };
  const remove = async (endpoint: Endpoint): Promise<void> => {
    endpoints.delete(`${endpoint.resourceGroup}/${endpoint.name}`.toLowerCase());
    resources.forget(endpoint.id);
    await privateEndpoints.remove(endpoint.id);
    kernel.tell("private endpoint deleted", endpoint.id);
  };
  const linkOf = ({ properties }: Body): Link => {
    const [link, ...more] = properties.privateLinkServiceConnections ?? [];
    if (link === undefined || more.length > 0) throw refusals.invalidBody("privateLinkServiceConnections");
    return link;
  };
  /** @throws ArmRefusal where nothing is there to lead to, or it has another name; the words are the emulator's */
  const check = (link: Link): void => {
    const { privateLinkServiceId, groupIds = [] } = link.properties;
    const target = resources.get(privateLinkServiceId);
    if (target === undefined)
      throw refusals.badRequest(`The resource ${privateLinkServiceId} was not found.`);
    const expected = GROUP_IDS[target.type.toLowerCase()];
    if (groupIds.length !== 1 || groupIds[0] !== expected) {
      throw refusals.badRequest(`The group id of a private endpoint to ${target.type} is ${expected}.`);
    }
  };
  const follow = (
    request: ArmRequest,
    { body: { location } }: Endpoint,
    options: { durationMs: number; running: string; succeed: () => Promise<unknown>; fail: () => void },
  ) => {
    const { asyncOperation, location: result } = operations.start(request, {
      ...options,
      ...{ namespace: "Microsoft.Network", location, collection: "operations" },
    });
    return { "Azure-AsyncOperation": asyncOperation, Location: result, "Retry-After": "0" };
  };

  const show = ({ id, name, body, state }: Endpoint) => {
    const { location, tags = {}, properties } = body;
    const link = linkOf(body);
    return {
      ...{ id, name, type: TYPE, location, tags },
      properties: {
        provisioningState: state,
        subnet: properties.subnet,
        privateLinkServiceConnections: [
          {
            id: `${id}/privateLinkServiceConnections/${link.name}`,
            name: link.name,
            type: `${TYPE}/privateLinkServiceConnections`,
            properties: {
              provisioningState: "Succeeded",
              ...link.properties,
              privateLinkServiceConnectionState: {
                ...{ status: "Approved", description: "Auto-Approved", actionsRequired: "None" },
              },
            },
          },
        ],
        manualPrivateLinkServiceConnections: [],
        customDnsConfigs: [],
        networkInterfaces: [{ id: id.replace(/privateEndpoints\/[^/]+$/, `networkInterfaces/${name}.nic`) }],
      },
    };
  };

  const put = (request: ArmRequest): ArmReply => {
    const { resourceGroup = "", name = "" } = request.params;
    const body = request.body as Body;
    const link = linkOf(body);
    check(link);
    const known = endpoints.get(keyOf(request));
    if (known !== undefined && known.body.properties.subnet.id !== body.properties.subnet.id) {
      throw refusals.badRequest("The subnet of a private endpoint cannot be changed.");
    }
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`;
    const endpoint: Endpoint = known ?? {
      id,
      name,
      resourceGroup,
      body,
      state: "Updating",
      zoneGroups: new Map(),
    };
    endpoint.body = body;
    endpoint.state = "Updating";
    endpoints.set(keyOf(request), endpoint);
    resources.add({
      ...{ id, type: TYPE, name, resourceGroup },
      show: () => show(endpoint),
      remove: () => remove(endpoint),
    });
    const headers = follow(request, endpoint, {
      durationMs: durations.updateMs,
      running: "InProgress",
      async succeed() {
        endpoint.state = "Succeeded";
        await privateEndpoints.add({
          endpointId: id,
          targetId: link.properties.privateLinkServiceId,
          name: `${name}.${link.name}`,
        });
        kernel.tell("private endpoint created", id);
        return show(endpoint);
      },
      fail() {
        endpoint.state = "Failed";
      },
    });
    return { status: known === undefined ? 201 : 200, body: show(endpoint), headers };
  };

  const showZones = (endpoint: Endpoint, name: string, properties: object) => ({
    id: `${endpoint.id}/privateDnsZoneGroups/${name}`,
    name,
    type: `${TYPE}/privateDnsZoneGroups`,
    properties: { provisioningState: "Succeeded", ...properties },
  });
  const zonesOf = (request: ArmRequest): [Endpoint, string, object | undefined] => {
    const endpoint = find(request);
    const name = request.params["zoneGroup"] ?? "";
    return [endpoint, name, endpoint.zoneGroups.get(name.toLowerCase()) as object | undefined];
  };

  const routes: Omit<Route, "apiVersions">[] = [
    { method: "GET", pattern: ENDPOINT, handle: (request) => ({ status: 200, body: show(find(request)) }) },
    { method: "PUT", pattern: ENDPOINT, schema: "privateEndpoint.put", handle: put },
    {
      method: "DELETE",
      pattern: ENDPOINT,
      handle(request) {
        const endpoint = endpoints.get(keyOf(request));
        if (endpoint === undefined) return { status: 204 };
        endpoint.state = "Deleting";
        const headers = follow(request, endpoint, {
          durationMs: durations.deleteMs,
          running: "InProgress",
          succeed: () => remove(endpoint),
          fail() {
            endpoint.state = "Succeeded";
          },
        });
        return { status: 202, headers };
      },
    },
    {
      method: "GET",
      pattern: ZONE_GROUP,
      handle(request) {
        const [endpoint, name, properties] = zonesOf(request);
        if (properties === undefined) {
          throw refusals.notFound(
            `${TYPE}/privateDnsZoneGroups`,
            `${endpoint.name}/${name}`,
            endpoint.resourceGroup,
          );
        }
        return { status: 200, body: showZones(endpoint, name, properties) };
      },
    },
    {
      method: "PUT",
      pattern: ZONE_GROUP,
      handle(request) {
        const [endpoint, name, known] = zonesOf(request);
        if (endpoint.state !== "Succeeded") {
          throw new ArmRefusal(
            409,
            "AnotherOperationInProgress",
            `Another operation on ${endpoint.id} is in progress.`,
          );
        }
        const { properties } = request.body as { properties?: { privateDnsZoneConfigs?: unknown[] } };
        if (!Array.isArray(properties?.privateDnsZoneConfigs))
          throw refusals.invalidBody("properties.privateDnsZoneConfigs");
        endpoint.zoneGroups.set(name.toLowerCase(), properties);
        return { status: known === undefined ? 201 : 200, body: showZones(endpoint, name, properties) };
      },
    },
    {
      method: "DELETE",
      pattern: ZONE_GROUP,
      handle(request) {
        const [endpoint, name, known] = zonesOf(request);
        endpoint.zoneGroups.delete(name.toLowerCase());
        return { status: known === undefined ? 204 : 200 };
      },
    },
  ];
  return { routes: routes.map((route) => ({ ...route, apiVersions: ["2024-05-01"] })) };
}
