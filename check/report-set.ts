import type { Report, ReportSet } from "./report.ts";
import { worstImpact, worstVerdict } from "./verdict.ts";

/** Several reports as one answer: as bad as the worst of them. @param at when it was asked */
export function reportSet(reports: Report[], at: Date): ReportSet {
  return {
    schema: 1,
    generatedAt: at.toISOString(),
    verdict: worstVerdict(reports.map(({ verdict }) => verdict)),
    impact: worstImpact(reports.map(({ impact }) => impact)),
    reports,
  };
}
