/** What Azure Monitor holds of a stack, for tests: looked at from behind. */
import type { Azure } from "./emulator.ts";
import { metricOf } from "./metrics.ts";
import type { AlertProperties } from "./services/insights-rules.ts";

export interface SeenRule {
  name: string;
  /** `memory`, `errors`, … */
  kind: string;
  /** The name of what it watches. */
  watches: string;
  threshold: number;
  metric: string;
  properties: AlertProperties & { enabled: boolean; severity: number };
}

/** @throws Error for a rule that can never fire: on nothing, or on a metric that its cache does not have */
export function rulesIn({ resources }: Pick<Azure, "resources">): SeenRule[] {
  return resources.list({ type: "Microsoft.Insights/metricAlerts" }).map((resource) => {
    const { properties } = resource.show() as unknown as { properties: SeenRule["properties"] };
    const [scope = ""] = properties.scopes;
    const target = resources.get(scope);
    if (target === undefined) throw new Error(`${resource.name} watches ${scope}, which is not there`);
    const [criterion] = properties.criteria.allOf ?? [];
    const { metricName = "", threshold = Number.NaN } = criterion as {
      metricName?: string;
      threshold?: number;
    };
    if (metricOf(target.type, metricName) === undefined) {
      throw new Error(`${resource.name} watches ${metricName}, which ${target.type} does not have`);
    }
    const kind = criterion?.name ?? "";
    return { name: resource.name, kind, watches: target.name, threshold, metric: metricName, properties };
  });
}

/** Types and names of all that a stack has in Azure Monitor. */
export function monitorIn({ resources }: Pick<Azure, "resources">): string[] {
  return inMonitor(resources)
    .map(({ type, name }) => `${type.split("/")[1]} ${name}`)
    .toSorted();
}

/** Deletes all that anyone has in Azure Monitor. */
export async function emptyMonitor({ resources }: Pick<Azure, "resources">): Promise<void> {
  for (const resource of inMonitor(resources)) await resource.remove();
}

const inMonitor = (resources: Azure["resources"]) =>
  resources.list().filter(({ type }) => type.startsWith("Microsoft.Insights/"));
