import { describe, expect, it } from "vitest";
import { RESOURCE_TYPES } from "../../../infra/alerts/measures.ts";
import { workbookJson } from "../../../infra/alerts/workbook.ts";
import { serviceOf } from "../../../infra/azure/services.ts";
import { PLANS, type Plan } from "../../../infra/plans/catalogue.ts";
import { metricOf } from "../../../rehearsal/azure/metrics.ts";

const CACHE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Cache/redis/c";
const IN_AZURE = PLANS.filter((plan) => serviceOf(plan) !== undefined);

interface Item {
  type: number;
  name: string;
  content: Record<string, unknown>;
}
interface MetricsContent {
  title: string;
  resourceType: string;
  resourceIds: string[];
  timeContextFromParameter: string;
  metrics: { namespace: string; metric: string; aggregation: number; columnName: string; splitBy?: string }[];
}
interface Merge {
  merges: { id: string; leftTable: string }[];
  projectRename: {
    originalName: string;
    mergedName: string;
    newItemData?: { criteriaContext: { resultVal: string } }[];
  }[];
}

const itemsOf = (plan: Plan, stack = "prod"): Item[] =>
  (JSON.parse(workbookJson({ plan, stack }, CACHE)) as { items: Item[] }).items;
const chartsOf = (plan: Plan) =>
  itemsOf(plan)
    .filter(({ type }) => type === 10)
    .map(({ content, ...item }) => ({ ...item, content: content as unknown as MetricsContent }));
const named = (plan: Plan, name: string) => chartsOf(plan).find((item) => item.name === name)?.content;

describe.each(IN_AZURE)("the dashboard of %s", (plan) => {
  it("asks for metrics that its cache has, of that cache alone, over the time that is chosen", () => {
    const type = RESOURCE_TYPES[serviceOf(plan) ?? "azure"];
    const parameters = itemsOf(plan).find((item) => item.type === 9)?.content as unknown as {
      parameters: { name: string }[];
    };
    for (const { content } of chartsOf(plan)) {
      expect(content.resourceIds).toEqual([CACHE]);
      expect(content.resourceType).toBe(type.toLowerCase());
      expect(parameters.parameters.map(({ name }) => name)).toContain(content.timeContextFromParameter);
      for (const { namespace, metric, aggregation, splitBy } of content.metrics) {
        expect(namespace).toBe(type.toLowerCase());
        const [prefix, name = ""] = metric.split("--");
        expect(prefix).toBe(namespace);
        const published = metricOf(type, name);
        expect(published, metric).toBeDefined();
        if (splitBy !== undefined) expect(published?.dimensions).toContain(splitBy);
        // Sum, maximum, average.
        expect([1, 3, 4]).toContain(aggregation);
        if (aggregation === 1) expect(published?.aggregation).toBe("Total");
      }
    }
  });

  it("shows hit rate, memory, latency and connections, each step under a name of its own", () => {
    const names = itemsOf(plan).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["hit rate", "memory", "latency", "connections"]));
    expect(new Set(names).size).toBe(names.length);
  });

  it("works the hit rate out from columns that its table has", () => {
    const item = itemsOf(plan).find(({ name }) => name === "hit rate");
    const { merges, projectRename } = JSON.parse(String(item?.content["query"])) as Merge;
    const [{ leftTable } = { leftTable: "" }] = merges;
    const columns = ["Name", ...(named(plan, leftTable)?.metrics ?? []).map(({ columnName }) => columnName)];
    const taken = projectRename.filter(({ newItemData }) => newItemData === undefined);
    expect(taken.map(({ originalName }) => originalName)).toEqual(
      columns.map((column) => `[${leftTable}].${column}`),
    );
    const formula = projectRename.at(-1)?.newItemData?.[0]?.criteriaContext.resultVal ?? "";
    const rate = new Function("Hits", "Misses", `return ${formula.replaceAll(/\["(\w+)"\]/g, "$1")}`);
    expect(rate(30, 10)).toBe(75);
  });
});

describe("a dashboard", () => {
  it("names the thresholds of the alerts", () => {
    expect(named("azure-c0", "connections")?.title).toContain("alert above 204");
    expect(named("azure-managed-b0", "connections")?.title).toContain("alert above 12000");
    expect(named("azure-c0", "memory")?.title).toContain("alert above 75");
  });

  it("shows the slowest in a hundred where Azure measures it: in Standard caches", () => {
    const metrics = (plan: Plan) =>
      named(plan, "latency")?.metrics.map(({ metric }) => metric.split("--")[1]);
    expect(metrics("azure-standard-c0")).toEqual(["cacheLatency", "LatencyP99"]);
    expect(metrics("azure-c0")).toEqual(["cacheLatency"]);
    expect(metrics("azure-managed-b0")).toEqual(["cacheLatency"]);
  });

  it("names the commands", () => {
    const text = String(itemsOf("azure-c0")[0]?.content["json"]);
    expect(text).toContain("`./propiq-cache verify --app --stack prod`");
    expect(text).toContain("PULUMI_CONFIG_PASSPHRASE");
  });

  it("is the same text for the same cache, so that nothing changes without a reason", () => {
    const shown = { plan: "azure-c0", stack: "prod" } as const;
    expect(workbookJson(shown, CACHE)).toBe(workbookJson(shown, CACHE));
  });
});
