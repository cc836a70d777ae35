/**
 * The report for a monitor, as OpenMetrics 1.0: for instance for node_exporter's textfile collector. What was not
 * measured is absent rather than zero.
 */
import type { CheckResult, Impact, Report, ReportSet, Verdict } from "../report.ts";
import { isLoud } from "../words.ts";

type Labels = Readonly<Record<string, string>>;
interface Sample {
  /** Behind the family's name. */
  suffix?: string;
  labels?: Labels;
  value: number | undefined;
}
interface Family {
  name: string;
  type: "gauge" | "counter" | "summary" | "stateset" | "info";
  unit?: "seconds" | "bytes" | "ratio";
  help: string;
  samples: (report: Report, generatedAt: string) => readonly Sample[];
}

const VERDICTS: readonly Verdict[] = ["healthy", "degraded", "failed", "disabled"];
const IMPACTS: readonly Impact[] = ["none", "slower", "users-affected", "unknown"];
const STATUSES: readonly CheckResult["status"][] = ["pass", "warn", "fail", "skip"];

/** One figure without labels of its own. */
const one = (value: number | undefined, suffix = ""): Sample[] => [{ value, suffix }];
const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);
const states = (name: string, all: readonly string[], current: string, labels: Labels = {}): Sample[] =>
  all.map((state) => ({ labels: { ...labels, [name]: state }, value: state === current ? 1 : 0 }));

const FAMILIES: readonly Family[] = [
  {
    name: "propiq_cache_up",
    type: "gauge",
    help: "1 when the cache does its work, 0 when its check failed; absent where it is disabled.",
    samples: ({ verdict }) => one(verdict === "disabled" ? undefined : Number(verdict !== "failed")),
  },
  {
    name: "propiq_cache_verdict",
    type: "stateset",
    help: "What the check came to.",
    samples: ({ verdict }) => states("propiq_cache_verdict", VERDICTS, verdict),
  },
  {
    name: "propiq_cache_impact",
    type: "stateset",
    help: "What it means for users.",
    samples: ({ impact }) => states("propiq_cache_impact", IMPACTS, impact),
  },
  {
    name: "propiq_cache_check",
    type: "stateset",
    help: "How each check ended.",
    samples: ({ checks }) =>
      checks.flatMap(({ id, status }) => states("propiq_cache_check", STATUSES, status, { check: id })),
  },
  {
    name: "propiq_cache_problem",
    type: "gauge",
    help: "1 for each thing to act on.",
    samples: ({ checks }) =>
      checks
        .filter(isLoud)
        .map(({ id, status, code }) => ({ labels: { check: id, status, code }, value: 1 })),
  },
  {
    name: "propiq_cache_latency_seconds",
    type: "summary",
    unit: "seconds",
    help: "Round trips of PING in this check.",
    samples: ({ measurements: { latencyMs } }) =>
      [
        ["0.5", latencyMs?.p50],
        ["0.95", latencyMs?.p95],
        ["1", latencyMs?.max],
      ].map(([quantile, ms]) => ({ labels: { quantile: String(quantile) }, value: seconds(Number(ms)) })),
  },
  {
    name: "propiq_cache_network_seconds",
    type: "gauge",
    unit: "seconds",
    help: "The time that the TCP connection took: one round trip of the network.",
    samples: ({ measurements }) => one(seconds(measurements.networkMs)),
  },
  {
    name: "propiq_cache_memory_used_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory in use.",
    samples: ({ measurements }) => one(measurements.memoryUsedBytes),
  },
  {
    name: "propiq_cache_memory_limit_bytes",
    type: "gauge",
    unit: "bytes",
    help: "Memory that the plan or the server allows.",
    samples: ({ measurements }) => one(measurements.memoryLimitBytes),
  },
  {
    name: "propiq_cache_hit_ratio",
    type: "gauge",
    unit: "ratio",
    help: "Look-ups that found something, as a share.",
    samples: ({ measurements }) => one(measurements.hitRate),
  },
  {
    name: "propiq_cache_keyspace_hits",
    type: "counter",
    help: "Look-ups that found something, since the server started.",
    samples: ({ measurements }) => one(measurements.keyspaceHits, "_total"),
  },
  {
    name: "propiq_cache_keyspace_misses",
    type: "counter",
    help: "Look-ups that found nothing, since the server started.",
    samples: ({ measurements }) => one(measurements.keyspaceMisses, "_total"),
  },
  {
    name: "propiq_cache_evicted_keys",
    type: "counter",
    help: "Keys that had to make room, since the server started.",
    samples: ({ measurements }) => one(measurements.evictedKeys, "_total"),
  },
  {
    name: "propiq_cache_keys",
    type: "gauge",
    help: "Keys in the database.",
    samples: ({ measurements }) => one(measurements.keys),
  },
  {
    name: "propiq_cache_connected_clients",
    type: "gauge",
    help: "Clients that are connected.",
    samples: ({ measurements }) => one(measurements.connectedClients),
  },
  {
    name: "propiq_cache_uptime_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the server has been running.",
    samples: ({ measurements }) => one(measurements.uptimeSeconds),
  },
  {
    name: "propiq_cache_server",
    type: "info",
    help: "What the server says it is.",
    samples: ({ measurements: { serverVersion } }) =>
      serverVersion === undefined ? [] : [{ suffix: "_info", labels: { version: serverVersion }, value: 1 }],
  },
  {
    name: "propiq_cache_check_duration_seconds",
    type: "gauge",
    unit: "seconds",
    help: "How long the check took.",
    samples: ({ durationMs }) => one(seconds(durationMs)),
  },
  {
    name: "propiq_cache_checked_timestamp_seconds",
    type: "gauge",
    unit: "seconds",
    help: "When it was checked.",
    samples: (_report, generatedAt) => one(Date.parse(generatedAt) / 1000),
  },
];

export function renderOpenmetrics({ reports, notAsked = [], generatedAt }: ReportSet): string {
  const named = withNames(reports);
  const lines = FAMILIES.flatMap((family) => [
    ...header(family),
    ...named.flatMap(({ report, labels }) =>
      family.samples(report, generatedAt).flatMap((sample) => line(family.name, sample, labels)),
    ),
  ]);
  const unknown = [...new Set(notAsked.map(({ stack }) => stack))];
  const notChecked = [
    ...header({
      name: "propiq_cache_not_checked",
      type: "gauge",
      help: "1 for each cache that nobody could ask.",
    }),
    ...unknown.flatMap((stack) => line("propiq_cache_not_checked", { value: 1 }, { stack })),
  ];
  return `${[...lines, ...notChecked, "# EOF"].join("\n")}\n`;
}

function header({ name, type, unit, help }: Omit<Family, "samples">): string[] {
  const unitLine = unit === undefined ? [] : [`# UNIT ${name} ${unit}`];
  return [`# TYPE ${name} ${type}`, ...unitLine, `# HELP ${name} ${help}`];
}

function line(name: string, { suffix = "", labels = {}, value }: Sample, cache: Labels): string[] {
  if (value === undefined || !Number.isFinite(value)) return [];
  const all = Object.entries({ ...cache, ...labels }).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return [`${name}${suffix}{${all.join(",")}} ${value}`];
}

/** What distinguishes the caches; a cache that was asked for twice gets a number, since no series may come twice. */
function withNames(reports: readonly Report[]): { report: Report; labels: Labels }[] {
  const seen = new Map<string, number>();
  return reports.map((report) => {
    const { stack = "", plan = "", provider = "", endpoint } = report;
    const labels = { stack, plan, provider, endpoint };
    const key = JSON.stringify(labels);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return { report, labels: nth === 1 ? labels : { ...labels, nth: String(nth) } };
  });
}

function escapeLabel(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
