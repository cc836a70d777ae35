/**
 * `Microsoft.Insights/eventtypes/management/values`: the activity log, API 2015-04-01 (Azure/azure-rest-api-specs,
 * activityLogs_API.json). It needs a filter with a start, and one of resource group and resource, not both.
 */
import { ArmRefusal, type ArmRequest } from "../message.ts";
import type { ArmKernel, ArmService } from "../service.ts";

const PATH = "/subscriptions/:subscriptionId/providers/Microsoft.Insights/eventtypes/management/values";
const DAY_MS = 24 * 3600 * 1000;
/** The log keeps 90 days; an older start is refused. */
const KEPT_MS = 90 * DAY_MS;
const PAGE = 50;

export function activityLogService({ activity, origin }: ArmKernel): ArmService {
  return {
    routes: [
      {
        method: "GET",
        pattern: PATH,
        apiVersions: ["2015-04-01"],
        handle(request) {
          const filter = filterOf(request);
          const found = activity
            .list()
            .filter(({ at }) => at >= filter.from && at <= filter.to)
            .filter(({ resourceGroup, resourceId }) =>
              filter.resourceGroup === undefined
                ? filter.resourceId === undefined || same(resourceId, filter.resourceId)
                : same(resourceGroup, filter.resourceGroup),
            )
            .toReversed();
          const skip = Number(request.query.get("$skipToken") ?? 0);
          const page = found.slice(skip, skip + PAGE);
          const next = new URLSearchParams(request.query);
          next.set("$skipToken", String(skip + PAGE));
          return {
            status: 200,
            body: {
              value: page.flatMap((each) =>
                ["Started", "Succeeded"].map((status) => ({
                  eventTimestamp: new Date(each.at).toISOString(),
                  operationName: { value: each.operation, localizedValue: each.operation },
                  status: { value: status, localizedValue: status },
                  caller: each.caller,
                  resourceId: each.resourceId,
                  resourceGroupName: each.resourceGroup,
                  correlationId: each.correlationId,
                  category: { value: "Administrative", localizedValue: "Administrative" },
                })),
              ),
              ...(skip + PAGE < found.length ? { nextLink: `${origin}${request.path}?${next}` } : {}),
            },
          };
        },
      },
    ],
  };
}

interface Filter {
  from: number;
  to: number;
  resourceGroup?: string;
  resourceId?: string;
}

/** @throws ArmRefusal for what the service does not take */
function filterOf({ query }: ArmRequest): Filter {
  const text = query.get("$filter") ?? "";
  const parts = text === "" ? [] : text.split(/ and /i);
  const terms = parts.map((part) => /^(\w+) (ge|le|eq) '((?:[^']|'')*)'$/i.exec(part.trim()));
  const values = new Map<string, string>();
  for (const term of terms) {
    if (term === null) throw refused("The filter is not supported.");
    values.set(`${term[1]} ${term[2]}`.toLowerCase(), (term[3] ?? "").replaceAll("''", "'"));
  }
  const from = Date.parse(values.get("eventtimestamp ge") ?? "");
  const to = Date.parse(values.get("eventtimestamp le") ?? new Date().toISOString());
  if (Number.isNaN(from)) throw refused("The start time must be provided: eventTimestamp ge '…'.");
  if (Number.isNaN(to) || to < from) throw refused("The end time must not be before the start time.");
  if (from < Date.now() - KEPT_MS) throw refused("The start time cannot be more than 90 days in the past.");
  const [resourceGroup, resourceId] = [values.get("resourcegroupname eq"), values.get("resourceuri eq")];
  if (resourceGroup !== undefined && resourceId !== undefined)
    throw refused("Only one of resourceGroupName and resourceUri may be given.");
  return {
    ...{ from, to },
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    ...(resourceId === undefined ? {} : { resourceId }),
  };
}

function refused(message: string): ArmRefusal {
  return new ArmRefusal(400, "BadRequest", message);
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
