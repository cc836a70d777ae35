import type { Report } from "../../check/report.ts";

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
      { id: "enabled", title: "Switched on", status: "pass", observed: "yes", durationMs: 0 },
      { id: "ping", title: "PING", status: "pass", observed: "PONG", durationMs: 0.4 },
    ],
    measurements: { latencyMs: { p50: 0.1, p95: 0.2, max: 0.3, samples: 10 } },
    ...change,
  };
}
