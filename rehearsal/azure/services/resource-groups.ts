/** Resource groups, and what is in them. `propiq-rg` is there from the start, as a team's own. */

import { ArmRefusal, type ArmReply, type ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, ArmService } from "../service.ts";

export const FIRST_GROUP = "propiq-rg";
export const FIRST_LOCATION = "eastus";
const TYPE = "Microsoft.Resources/resourceGroups";
/** @azure/arm-resources 5 and 7, and azure-native 3.28.0 (2024-03-01). */
const API_VERSIONS = ["2021-04-01", "2022-09-01", "2024-03-01", "2025-04-01"];
const GROUPS = "/subscriptions/:subscriptionId/resourceGroups";
const GROUP = `${GROUPS}/:resourceGroup`;

interface GroupBody {
  location: string;
  tags?: Record<string, string>;
  managedBy?: string;
}
interface Group extends GroupBody {
  name: string;
  state: "Succeeded" | "Deleting";
}

/** @param others resource groups that exist from the start in addition to the first one */
export function resourceGroupsService(kernel: ArmKernel, others: readonly string[] = []): ArmService {
  const { resources, subscriptionId, operations, durations } = kernel;
  const groups = new Map<string, Group>();
  const idOf = (name: string) => `/subscriptions/${subscriptionId}/resourceGroups/${name}`;

  const show = ({ name, location, tags, managedBy, state }: Group) => ({
    id: idOf(name),
    name,
    type: TYPE,
    location,
    ...(managedBy === undefined ? {} : { managedBy }),
    ...(tags === undefined ? {} : { tags }),
    properties: { provisioningState: state },
  });
  const find = ({ params }: ArmRequest): Group => {
    const name = params["resourceGroup"] ?? "";
    const group = groups.get(name.toLowerCase());
    if (group === undefined) throw refusals.groupNotFound(name);
    return group;
  };
  const add = (name: string, body: GroupBody): Group => {
    const group: Group = { ...body, name, state: "Succeeded" };
    groups.set(name.toLowerCase(), group);
    resources.add({
      id: idOf(name),
      type: TYPE,
      name,
      resourceGroup: name,
      show: () => show(group),
      remove: async () => {},
    });
    return group;
  };
  const remove = async (group: Group): Promise<void> => {
    for (const resource of membersOf(kernel, group.name)) await resource.remove();
    groups.delete(group.name.toLowerCase());
    resources.forget(idOf(group.name));
    kernel.tell("group deleted", idOf(group.name));
  };

  for (const name of [FIRST_GROUP, ...others])
    add(name, { location: FIRST_LOCATION, tags: { owner: "the team" } });
  return {
    routes: [
      { method: "GET", pattern: GROUPS, handle: () => listed([...groups.values()].map(show)) },
      {
        method: "GET",
        pattern: GROUP,
        handle: (request: ArmRequest) => ({ status: 200, body: show(find(request)) }),
      },
      {
        method: "HEAD",
        pattern: GROUP,
        handle: ({ params }: ArmRequest) => ({
          status: groups.has(params["resourceGroup"]?.toLowerCase() ?? "") ? 204 : 404,
        }),
      },
      {
        method: "PUT",
        pattern: GROUP,
        schema: "resourceGroup.put",
        handle({ params, body }: ArmRequest): ArmReply {
          const name = params["resourceGroup"] ?? "";
          if (!/^[-\w.()]{0,89}[-\w()]$/.test(name)) {
            throw new ArmRefusal(
              400,
              "InvalidResourceGroup",
              `The provided resource group name '${name}' is invalid.`,
            );
          }
          const { location, tags, managedBy } = body as GroupBody;
          const wanted = { location, ...(tags && { tags }), ...(managedBy && { managedBy }) };
          const group = groups.get(name.toLowerCase());
          if (group === undefined) {
            kernel.tell("group created", idOf(name));
            return { status: 201, body: show(add(name, wanted)) };
          }
          if (bare(group.location) !== bare(location)) throw elsewhere(group, location);
          return { status: 200, body: show(add(group.name, wanted)) };
        },
      },
      {
        method: "PATCH",
        pattern: GROUP,
        handle(request: ArmRequest): ArmReply {
          const group = find(request);
          const { tags } = request.body as Partial<GroupBody>;
          if (tags !== undefined) group.tags = tags;
          return { status: 200, body: show(group) };
        },
      },
      {
        method: "DELETE",
        pattern: GROUP,
        handle(request: ArmRequest): ArmReply {
          const group = find(request);
          group.state = "Deleting";
          const { location } = operations.start(request, {
            namespace: "Microsoft.Resources",
            location: group.location,
            collection: "operationsStatus",
            durationMs: durations.deleteMs,
            running: "Deleting",
            succeed: () => remove(group),
            fail: () => {
              group.state = "Succeeded";
            },
          });
          return { status: 202, headers: { Location: location, "Retry-After": "0" } };
        },
      },
      {
        method: "GET",
        pattern: `${GROUP}/resources`,
        handle: (request: ArmRequest) =>
          listed(membersOf(kernel, find(request).name).map(({ show }) => brief(show()))),
      },
      {
        method: "GET",
        pattern: "/subscriptions/:subscriptionId/resources",
        handle: ({ query }: ArmRequest) => {
          const type = /resourceType eq '([^']+)'/i.exec(query.get("$filter") ?? "")?.[1];
          const found = resources
            .list(type === undefined ? {} : { type })
            .filter((resource) => resource.type !== TYPE);
          return listed(found.map(({ show }) => brief(show())));
        },
      },
    ].map((route) => ({ ...route, apiVersions: API_VERSIONS })),
  };
}

function membersOf({ resources }: ArmKernel, group: string) {
  return resources.list({ resourceGroup: group }).filter(({ type }) => type !== TYPE);
}

const listed = (value: unknown[]): ArmReply => ({ status: 200, body: { value } });
/** Lists of resources of any type leave out the properties. */
const brief = ({ properties: _, ...rest }: Record<string, unknown>) => rest;
const bare = (location: string) => location.replaceAll(" ", "").toLowerCase();

/** learn.microsoft.com, "Resource group … already exists in location" (error InvalidResourceGroupLocation). */
function elsewhere(group: Group, location: string): ArmRefusal {
  return new ArmRefusal(
    409,
    "InvalidResourceGroupLocation",
    `Invalid resource group location '${location}'. The Resource group already exists in location '${group.location}'.`,
  );
}
