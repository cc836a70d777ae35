import type { NotAsked, Report, ReportSet } from "./report.ts";
import { worstImpact, worstVerdict } from "./verdict.ts";

/**
 * Several reports as one answer: as bad as the worst of them.
 * @param at when it was asked
 * @param notAsked caches of which nothing is known: what they mean for users is unknown, too
 */
export function reportSet(reports: Report[], at: Date, notAsked: NotAsked[] = []): ReportSet {
  const impacts = reports.map(({ impact }) => impact);
  return {
    schema: 1,
    generatedAt: at.toISOString(),
    verdict: worstVerdict(reports.map(({ verdict }) => verdict)),
    impact: worstImpact(notAsked.length === 0 ? impacts : [...impacts, "unknown"]),
    reports,
    ...(notAsked.length === 0 ? {} : { notAsked }),
  };
}
