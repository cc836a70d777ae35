/** What a history says of a report, in words: what changed, and what runs out. */
import { changeInWords } from "../history/change.ts";
import type { Forecast, Report } from "../report.ts";
import { memoryInWords } from "../words.ts";

const LIMITS: Readonly<Record<Forecast["what"], (limit: number) => string>> = {
  commands: (limit) => `the month's ${limit.toLocaleString("en-US")} commands`,
  memory: (limit) => `the memory of ${memoryInWords(limit)}`,
};

/** As in `At the present rate, the month's 500,000 commands run out on 2026-12-19.` */
export function forecastInWords({ what, limit, endsAt }: Forecast): string {
  const runs = what === "commands" ? "run" : "runs";
  return `At the present rate, ${LIMITS[what](limit)} ${runs} out on ${endsAt.slice(0, 10)}.`;
}

/** @param now ISO 8601 @returns undefined without a history */
export function historyInWords(report: Report, now: string): string | undefined {
  const change = changeInWords(report, now);
  const lines = [...(change === undefined ? [] : [change]), ...(report.forecasts ?? []).map(forecastInWords)];
  return lines.length === 0 ? undefined : lines.join(" ");
}
