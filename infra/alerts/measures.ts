/**
 * What is measured of a cache in Azure, by Azure's own names, and the values from which users are informed. Pure.
 *
 * - Names, aggregations and dimensions: Microsoft's lists of supported metrics, which follow from calls of Azure:
 *   learn.microsoft.com/azure/azure-monitor/reference/supported-metrics/microsoft-cache-redis-metrics (2026-06-22) and
 *   …/microsoft-cache-redisenterprise-metrics (2026-07-31).
 * - What they count: learn.microsoft.com/azure/azure-cache-for-redis/monitor-cache-reference (2024-05-13) and
 *   learn.microsoft.com/azure/redis/monitor-cache-reference (2026-07-27).
 */
import type { AzureService } from "../azure/services.ts";
import { CATALOGUE, type Plan } from "../plans/catalogue.ts";

export const ALERT_KINDS = ["memory", "server-load", "errors", "evictions", "connections"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface Measure {
  metric: string;
  aggregation: "Average" | "Maximum" | "Total";
  /** The time range of each evaluation. */
  windowMinutes: 5 | 15;
  /** An alert fires above it. */
  threshold: (plan: Plan) => number;
  /** Each value of this dimension is looked at, and paid for, by itself. */
  splitBy?: "InstanceId";
}

/**
 * "If your Used Memory Percentage is consistently over 75%, consider increasing your memory":
 * learn.microsoft.com/azure/redis/best-practices-memory-management (2025-05-18).
 */
export const MEMORY_PERCENT = 75;
/** "Try to keep server load under 80%": learn.microsoft.com/azure/redis/best-practices-server-load (2025-05-18). */
export const LOAD_PERCENT = 80;
/** Of the connections that the plan allows: what is left lets a restart of the app open its new ones first. */
export const CONNECTIONS_PERCENT = 80;
/**
 * One key in ten seconds, kept up for a quarter of an hour. A full cache that drops a key now and then does what it is
 * for; one that continues dropping them loses what the app still asks for.
 */
export const EVICTIONS_PER_SECOND = 0.1;
const EVICTION_MINUTES = 15;

/** The number of connections from which users are informed. */
export function connectionsThreshold(plan: Plan): number {
  const { maxConnections } = CATALOGUE[plan];
  if (maxConnections === null) throw new Error(`${plan} has no limit of connections`);
  return Math.floor((maxConnections * CONNECTIONS_PERCENT) / 100);
}

const memory: Measure = {
  metric: "usedmemorypercentage",
  aggregation: "Average",
  windowMinutes: 15,
  threshold: () => MEMORY_PERCENT,
};
const connections: Measure = {
  metric: "connectedclients",
  aggregation: "Maximum",
  windowMinutes: 5,
  threshold: connectionsThreshold,
};

/** A service that does not count something has no alert of that kind. */
export const MEASURES: Readonly<Record<AzureService, Readonly<Partial<Record<AlertKind, Measure>>>>> = {
  azure: {
    memory,
    // An average: scans of Azure's own make the small sizes' load jump for a moment.
    "server-load": {
      metric: "serverLoad",
      aggregation: "Average",
      windowMinutes: 15,
      threshold: () => LOAD_PERCENT,
    },
    // Azure counts events here, none of them in a cache that is well: each is worth a mail.
    errors: { metric: "errors", aggregation: "Maximum", windowMinutes: 5, threshold: () => 0 },
    // A number of keys.
    evictions: {
      metric: "evictedkeys",
      aggregation: "Total",
      windowMinutes: EVICTION_MINUTES,
      threshold: () => EVICTIONS_PER_SECOND * EVICTION_MINUTES * 60,
    },
    connections,
  },
  // It counts no errors.
  "azure-managed": {
    memory,
    // "Server Load sometimes reflects values over 100": Microsoft recommends CPU, node by node, and the average on
    // sizes of two cores.
    "server-load": {
      metric: "percentProcessorTime",
      aggregation: "Average",
      windowMinutes: 15,
      threshold: () => LOAD_PERCENT,
      splitBy: "InstanceId",
    },
    // A rate, whatever its unit says: keys in a second.
    evictions: {
      metric: "evictedkeys",
      aggregation: "Average",
      windowMinutes: EVICTION_MINUTES,
      threshold: () => EVICTIONS_PER_SECOND,
    },
    connections,
  },
};

/** As Azure writes the type of the resource whose metrics they are. */
export const RESOURCE_TYPES: Readonly<Record<AzureService, string>> = {
  azure: "Microsoft.Cache/redis",
  "azure-managed": "Microsoft.Cache/redisEnterprise",
};
