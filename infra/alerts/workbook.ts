/**
 * The dashboard, as Azure's workbooks are written: hit rate, memory, latency, connections, and what alerts watch. Pure.
 *
 * The form is that of Microsoft's own workbooks (github.com/microsoft/Application-Insights-Workbooks, its
 * schema/workbook.json and Workbooks/RedisCache, read at commit 1ea1c77); the hit rate is worked out as its logic app
 * workbook works out a rate of successes: a table of metrics, hidden, and a query that merges it with a formula.
 */
import { advice, writeAdvice } from "../../base/advice.ts";
import { onStack } from "../../base/command.ts";
import { type AzureService, SERVICES, serviceOf } from "../azure/services.ts";
import { type Plan, skuOf } from "../plans/catalogue.ts";
import { connectionsThreshold, LOAD_PERCENT, MEASURES, MEMORY_PERCENT, RESOURCE_TYPES } from "./measures.ts";

export interface Shown {
  plan: Plan;
  stack: string;
}

type Aggregation = keyof typeof AGGREGATIONS;
/** Their numbers in a workbook. */
const AGGREGATIONS = { Total: 1, Maximum: 3, Average: 4 } as const;

interface Series {
  metric: string;
  aggregation: Aggregation;
  label: string;
}
interface Chart {
  name: string;
  title: string;
  series: readonly Series[];
  splitBy?: string;
}

/** @param cacheId whose metrics are shown */
export function workbookJson(shown: Shown, cacheId: string): string {
  const service = serviceOf(shown.plan);
  if (service === undefined) throw new Error(`${shown.plan} is not a plan of Azure`);
  const of = { resourceType: RESOURCE_TYPES[service].toLowerCase(), cacheId };
  return JSON.stringify({
    version: "Notebook/1.0",
    items: [
      heading(shown),
      timeRange(),
      ...hitRate(service, of),
      ...charts(shown.plan, service).map((chart) => metricsItem(chart, of)),
    ],
    fallbackResourceIds: ["azure monitor"],
    $schema: "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
  });
}

function heading({ plan, stack }: Shown) {
  const line = (text: string, ...words: string[]) => {
    const { say, run } = writeAdvice(advice(text, onStack(stack, ...words)));
    return `- ${say} Run: \`${run.join()}\``;
  };
  const json = [
    `## Redis cache of stack ${stack} (${plan})`,
    "",
    "Written by propiq-cache. The next change of plan overwrites it: save your changes under another name.",
    "",
    line("Does it work, and does the app use it?", "verify", "--app"),
    line("What fills it, and which plan fits?", "advise"),
  ].join("\n");
  return { type: 1, content: { json }, name: "heading" };
}

const TIME_RANGE = "TimeRange";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function timeRange() {
  const ranges = [HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, DAY_MS, 3 * DAY_MS, 7 * DAY_MS, 30 * DAY_MS];
  const version = "KqlParameterItem/1.0";
  return {
    type: 9,
    content: {
      version,
      parameters: [
        {
          ...{ id: "8a4f2c5e-6d1b-4e0a-9b57-2f3c1d7e9a04", version, name: TIME_RANGE, label: "Time range" },
          ...{ type: 4, isRequired: true, value: { durationMs: DAY_MS } },
          typeSettings: { selectableValues: ranges.map((durationMs) => ({ durationMs })) },
        },
      ],
      ...{ style: "pills", queryType: 0, resourceType: "microsoft.insights/components" },
    },
    name: "time range",
  };
}

const LOOK_UPS = "look-ups";

/** Azure has a rate of misses for one of its services only, so it is worked out for both from what both count. */
function hitRate(service: AzureService, of: Place) {
  const hidden = metricsItem({ name: LOOK_UPS, title: LOOK_UPS, series: lookUps(service) }, of);
  const id = "5b0f7d3c-93a1-4c52-8e6d-1a4b7c9f2e35";
  const column = (name: string) => ({ originalName: `[${LOOK_UPS}].${name}`, mergedName: name, fromId: id });
  const merge = {
    version: "Merge/1.0",
    merges: [{ id, mergeType: "table", leftTable: LOOK_UPS }],
    projectRename: [
      column("Name"),
      column("Hits"),
      column("Misses"),
      {
        ...{ originalName: "[Added column]", mergedName: "Hit rate", fromId: null, isNewItem: true },
        newItemData: [
          {
            criteriaContext: {
              ...{ operator: "Default", rightValType: "column", resultValType: "expression" },
              resultVal: '100 * ["Hits"] / (["Hits"] + ["Misses"])',
            },
          },
        ],
      },
    ],
  };
  return [
    {
      ...hidden,
      content: { ...hidden.content, size: 2, chartType: 0, gridFormatType: 2 },
      conditionalVisibility: { parameterName: "never", comparison: "isEqualTo", value: "true" },
    },
    {
      type: 3,
      content: {
        ...{ version: "KqlItem/1.0", query: JSON.stringify(merge), size: 4, queryType: 7 },
        title: "Hit rate, % of look-ups (below 50 something is wrong, from 70 on it is good)",
        visualization: "tiles",
        tileSettings: {
          titleContent: { columnMatch: "Name", formatter: 13, formatOptions: { showIcon: true } },
          leftContent: {
            ...{ columnMatch: "Hit rate", formatter: 12, formatOptions: { palette: "auto" } },
            numberFormat: { unit: 1, options: { style: "decimal", maximumFractionDigits: 1 } },
          },
          ...{ showBorder: true, size: "auto" },
        },
      },
      name: "hit rate",
    },
  ];
}

/** One service counts look-ups, the other reports look-ups per second. */
function lookUps(service: AzureService): Series[] {
  const aggregation = COUNTED[SERVICES[service].counts];
  return [
    { metric: "cachehits", aggregation, label: "Hits" },
    { metric: "cachemisses", aggregation, label: "Misses" },
  ];
}

/** How a counter is read that counts in an interval, or in a second. */
const COUNTED = { "in-interval": "Total", "per-second": "Average" } as const;

const LOAD: Readonly<Record<AzureService, Chart>> = {
  azure: {
    name: "server load",
    title: `Server load, % (alert above ${LOAD_PERCENT})`,
    series: [{ metric: "serverLoad", aggregation: "Average", label: "Server load" }],
  },
  "azure-managed": {
    name: "processor",
    title: `Processor, % by node (alert above ${LOAD_PERCENT})`,
    series: [{ metric: "percentProcessorTime", aggregation: "Average", label: "CPU" }],
    splitBy: "InstanceId",
  },
};

/** One of the two services counts errors. */
const ERRORS: Chart = {
  name: "errors",
  title: "Errors: failovers, lost data, clients that do not read",
  series: [{ metric: "errors", aggregation: "Maximum", label: "Errors" }],
  splitBy: "ErrorType",
};

function charts(plan: Plan, service: AzureService): Chart[] {
  const { counts } = SERVICES[service];
  const per = counts === "in-interval" ? "" : " a second";
  const aggregation = COUNTED[counts];
  return [
    { name: "hits and misses", title: `Look-ups${per}: hits and misses`, series: lookUps(service) },
    {
      name: "memory",
      title: `Memory, % of what the plan holds (alert above ${MEMORY_PERCENT})`,
      series: [{ metric: "usedmemorypercentage", aggregation: "Average", label: "Used" }],
    },
    { name: "latency", title: "Latency inside of Azure, µs", series: latency(plan) },
    {
      name: "connections",
      title: `Connections (alert above ${connectionsThreshold(plan)})`,
      series: [{ metric: "connectedclients", aggregation: "Maximum", label: "Connected clients" }],
    },
    LOAD[service],
    {
      name: "evictions",
      title: `Keys${per}: dropped to make room, and expired`,
      series: [
        { metric: "evictedkeys", aggregation, label: "Evicted" },
        { metric: "expiredkeys", aggregation, label: "Expired" },
      ],
    },
    {
      name: "operations",
      title: "Operations a second",
      series: [{ metric: "operationsPerSecond", aggregation: "Maximum", label: "Operations" }],
    },
    ...(MEASURES[service].errors === undefined ? [] : [ERRORS]),
  ];
}

/** The worst one in a hundred is measured in Standard caches alone, of Azure Cache for Redis. */
function latency(plan: Plan): Series[] {
  const average: Series = { metric: "cacheLatency", aggregation: "Average", label: "Average" };
  return skuOf("azure", plan)?.name === "Standard"
    ? [average, { metric: "LatencyP99", aggregation: "Maximum", label: "99th percentile" }]
    : [average];
}

interface Place {
  resourceType: string;
  cacheId: string;
}

function metricsItem({ name, title, series, splitBy }: Chart, { resourceType, cacheId }: Place) {
  return {
    type: 10,
    content: {
      ...{ chartId: `chart-${name.replaceAll(" ", "-")}`, version: "MetricsItem/2.0", size: 1, chartType: 2 },
      ...{ resourceType, metricScope: 0, resourceIds: [cacheId], title, showOpenInMe: true },
      ...{ timeContextFromParameter: TIME_RANGE, timeContext: { durationMs: 0 } },
      metrics: series.map(({ metric, aggregation, label }) => ({
        ...{ namespace: resourceType, metric: `${resourceType}--${metric}`, columnName: label },
        aggregation: AGGREGATIONS[aggregation],
        ...(splitBy === undefined ? {} : { splitBy }),
      })),
      gridSettings: { rowLimit: 10_000 },
    },
    ...{ customWidth: "50", showPin: true, name },
  };
}
