/**
 * `Microsoft.Insights`: metric alerts (API 2018-03-01), action groups (2024-10-01-preview) and workbooks (2023-06-01), as
 * Azure/azure-rest-api-specs and Microsoft's clients have them. None of them lasts: each answer is the last.
 */
import { randomUUID } from "node:crypto";
import type { ArmReply, ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import type { ArmKernel, ArmService, Route } from "../service.ts";
import {
  type ActionGroupProperties,
  type AlertProperties,
  checkAlert,
  checkGlobal,
  checkReceivers,
  checkRuleName,
  checkWorkbook,
} from "./insights-rules.ts";

const GROUP = "/subscriptions/:subscriptionId/resourceGroups/:resourceGroup";

interface Body {
  location: string;
  tags?: Record<string, string>;
  kind?: string;
  properties: Record<string, unknown>;
}
interface Kept {
  id: string;
  name: string;
  resourceGroup: string;
  body: Body;
}

interface Kind {
  /** Below `Microsoft.Insights/`. */
  collection: string;
  apiVersion: string;
  schema: string;
  /** What a test reads in the story of events. */
  called: string;
  /** Whether a PUT that makes one says 201. */
  tellsCreated: boolean;
  check: (name: string, resourceGroup: string, body: Body, others: readonly Kept[]) => void;
  /** What a GET leaves out. */
  brief?: (request: ArmRequest, properties: Record<string, unknown>) => Record<string, unknown>;
}

export function insightsService(kernel: ArmKernel): ArmService {
  const { resources, conditions } = kernel;
  const kinds: Kind[] = [
    {
      ...{ collection: "metricAlerts", apiVersion: "2018-03-01", schema: "metricAlert.put", called: "alert" },
      tellsCreated: false,
      check(name, resourceGroup, { location, properties }) {
        checkGlobal("microsoft.insights/metricalerts", location);
        checkRuleName(name, resourceGroup);
        checkAlert(properties as unknown as AlertProperties, {
          get: (id) => resources.get(id),
          metricsKnown: conditions.metricsKnown,
        });
      },
    },
    {
      ...{ collection: "actionGroups", apiVersion: "2024-10-01-preview", schema: "actionGroup.put" },
      ...{ called: "action group", tellsCreated: true },
      check(_name, _resourceGroup, { location, properties }) {
        checkGlobal("microsoft.insights/actiongroups", location);
        checkReceivers(properties as ActionGroupProperties);
      },
    },
    {
      ...{ collection: "workbooks", apiVersion: "2023-06-01", schema: "workbook.put", called: "workbook" },
      tellsCreated: true,
      check(name, _resourceGroup, { location, properties }, others) {
        if (location.toLowerCase() === "global") {
          throw refusals.locationNotAvailable("microsoft.insights/workbooks", location, "eastus,westus");
        }
        checkWorkbook(name, properties["serializedData"] as string | null);
        const title = properties["displayName"];
        if (others.some(({ body }) => body.properties["displayName"] === title)) {
          throw refusals.workbookTitleTaken();
        }
      },
      // "If false, only return summary content": the API's own words for canFetchContent.
      brief({ query }, { serializedData, ...properties }) {
        return query.get("canFetchContent") === "true" ? { serializedData, ...properties } : properties;
      },
    },
  ];
  return { routes: kinds.flatMap((kind) => routesOf(kernel, kind)) };
}

function routesOf({ resources, subscriptionId, tell }: ArmKernel, kind: Kind): Route[] {
  const { collection, apiVersion, schema, called, tellsCreated, check, brief } = kind;
  const type = `Microsoft.Insights/${collection}`;
  const kept = new Map<string, Kept>();
  const pattern = `${GROUP}/providers/${type}/:name`;
  const keyOf = ({ params }: ArmRequest) => `${params["resourceGroup"]}/${params["name"]}`.toLowerCase();
  const show = ({ id, name, body: { location, tags = {}, kind: shared, properties } }: Kept) => ({
    ...{ id, name, type, location, tags, properties },
    ...(shared === undefined ? {} : { kind: shared }),
  });
  const remove = (key: string): void => {
    const found = kept.get(key);
    if (found === undefined) return;
    kept.delete(key);
    resources.forget(found.id);
    tell(`${called} deleted`, found.id);
  };

  const put = (request: ArmRequest): ArmReply => {
    const { resourceGroup = "", name = "" } = request.params;
    const key = keyOf(request);
    const body = structuredClone(request.body) as Body;
    const before = kept.get(key);
    const others = [...kept].flatMap(([other, one]) => (other === key ? [] : [one]));
    check(name, resourceGroup, body, others);
    if (collection === "workbooks") {
      Object.assign(body.properties, { revision: randomUUID().replaceAll("-", "") });
    }
    const id = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${type}/${name}`;
    const one: Kept = before ?? { id, name, resourceGroup, body };
    one.body = body;
    kept.set(key, one);
    resources.add({
      ...{ id, type, name, resourceGroup },
      show: () => show(one),
      remove: async () => remove(key),
    });
    tell(before === undefined ? `${called} created` : `${called} updated`, id);
    return { status: before === undefined && tellsCreated ? 201 : 200, body: show(one) };
  };

  const routes: Omit<Route, "apiVersions">[] = [
    { method: "PUT", pattern, schema, handle: put },
    {
      method: "GET",
      pattern,
      handle(request) {
        const { resourceGroup = "", name = "" } = request.params;
        const found = kept.get(keyOf(request));
        if (found === undefined) throw refusals.notFound(type, name, resourceGroup);
        const shown = show(found);
        return {
          status: 200,
          body: { ...shown, properties: brief?.(request, shown.properties) ?? shown.properties },
        };
      },
    },
    {
      method: "DELETE",
      pattern,
      handle(request) {
        const status = kept.has(keyOf(request)) ? 200 : 204;
        remove(keyOf(request));
        return { status };
      },
    },
  ];
  return routes.map((route) => ({ ...route, apiVersions: [apiVersion] }));
}
