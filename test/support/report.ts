import type { CheckResult, Report } from "../../check/report.ts";

/** A report of a healthy cache, fresh each time, with what a test is about changed. */
export function aReport(change: Partial<Report>): Report {
  return {
    stack: "dev",
    plan: "docker",
    provider: "docker",
    endpoint: "127.0.0.1:6379",
    verdict: "healthy",
    impact: "none",
    durationMs: 12.3,
    commandsUsed: 17,
    checks: [
      { id: "enabled", title: "Enabled", status: "pass", observed: "yes", durationMs: 0 },
      { id: "ping", title: "PING", status: "pass", observed: "PONG", durationMs: 0.4 },
    ],
    measurements: { latencyMs: { p50: 0.1, p95: 0.2, max: 0.3, samples: 10 } },
    ...change,
  };
}

/** A report with every optional field, in which each text that comes from outside is the given one. */
export function aReportFullOf(text: string): Report {
  const check = { title: "Connection", observed: text, expected: text, durationMs: 1.5 };
  const checks: CheckResult[] = [
    { ...check, id: "tcp", status: "pass" },
    { ...check, id: "auth", status: "fail", code: "AUTH_WRONG", hint: text },
    { ...check, id: "memory", status: "warn", code: "MEMORY_HIGH", hint: text },
    { ...check, id: "hit-rate", status: "skip", code: "TOO_FEW_REQUESTS", hint: text },
    { id: "tls", title: "TLS", status: "skip", durationMs: 0 },
  ];
  return {
    ...{ stack: text, plan: text, provider: text, endpoint: text },
    ...{ verdict: "failed", impact: "slower", durationMs: 12.3, commandsUsed: 17, checks },
    measurements: {
      latencyMs: { p50: 0.1, p95: 0.2, max: 0.3, samples: 10 },
      networkMs: 0.05,
      connectMs: { dns: 1, tcp: 0.05, tls: 2, auth: 1 },
      ...{ memoryUsedBytes: 50_000_000, memoryLimitBytes: 104_857_600 },
      ...{ hitRate: 0.75, hitRateSince: "2026-11-23T20:00:00.000Z", keyspaceHits: 300, keyspaceMisses: 100 },
      ...{ keys: 12, connectedClients: 3, evictedKeys: 7, uptimeSeconds: 3600, serverVersion: text },
    },
    previous: {
      ...{ at: "2026-11-23T20:00:00.000Z", verdict: "healthy", codes: [], plan: "docker" },
      ...{ p50Ms: 0.1, memoryUsedBytes: 10_000_000, evictedKeys: 1 },
    },
  };
}
