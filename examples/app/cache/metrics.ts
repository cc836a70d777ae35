/** The counts as OpenMetrics, for a monitoring system to read. */
import type { FunctionHealth } from "./counts.ts";

type Numbers = Exclude<keyof FunctionHealth, "namespace" | "reason">;

const PREFIX = "propiq_cache";
const FAMILIES: readonly (readonly [string, "counter" | "gauge", Numbers, string])[] = [
  ["hits", "counter", "hits", "Calls answered from the cache."],
  ["misses", "counter", "misses", "Calls for which the cache had no value."],
  ["loads", "counter", "loads", "Times the function was called for a value."],
  ["load_errors", "counter", "errors", "Loads that failed."],
  ["reloads", "counter", "reloads", "Loads of a value that had been loaded before."],
  ["unchanged_reloads", "counter", "unchangedReloads", "Reloads that gave the same value as before."],
  ["graced", "counter", "graced", "Calls answered with the last good value, beyond its lifetime."],
  ["saved_seconds", "counter", "savedSeconds", "Time that the function would have taken for the hits."],
  ["load_mean_seconds", "gauge", "loadMsMean", "Mean time of a load."],
  ["load_max_seconds", "gauge", "loadMsMax", "Longest time of a load."],
  ["memory_bytes", "gauge", "memoryBytes", "Values that this process stored and that have not expired."],
  ["ttl_seconds", "gauge", "ttlSeconds", "Lifetime of the values."],
];

export function openMetrics(connected: boolean, functions: readonly FunctionHealth[]): string {
  const lines = [
    `# TYPE ${PREFIX}_connected gauge`,
    `# HELP ${PREFIX}_connected Whether the cache is in use.`,
    `${PREFIX}_connected ${Number(connected)}`,
  ];
  for (const [name, kind, field, text] of FAMILIES) {
    const family = `${PREFIX}_${name}`;
    lines.push(`# TYPE ${family} ${kind}`);
    const unit = /_(seconds|bytes)$/.exec(name)?.[1];
    if (unit !== undefined) lines.push(`# UNIT ${family} ${unit}`);
    lines.push(`# HELP ${family} ${text}`);
    for (const { namespace, [field]: value } of functions) {
      if (value === undefined) continue;
      const sample = kind === "counter" ? `${family}_total` : family;
      lines.push(`${sample}{namespace="${namespace}"} ${field.includes("Ms") ? value / 1000 : value}`);
    }
  }
  return [...lines, "# EOF", ""].join("\n");
}
