/** Reports to speak of, fresh for each test. */
import type { Report, ReportSet } from "../../../check/report.ts";

export function aReport(over: Partial<Report> = {}): Report {
  return {
    endpoint: "cache.example:6380",
    verdict: "failed",
    impact: "users-affected",
    durationMs: 10,
    commandsUsed: 4,
    measurements: {},
    checks: [
      {
        id: "auth",
        title: "Sign-in",
        status: "fail",
        code: "AUTH_WRONG",
        observed: "the password was refused",
        hint: "renew it",
        durationMs: 1,
      },
    ],
    ...over,
  };
}

export function aSet(...reports: Report[]): ReportSet {
  return {
    schema: 1,
    generatedAt: "2026-11-24T02:30:00.000Z",
    verdict: "failed",
    impact: "users-affected",
    reports,
  };
}
