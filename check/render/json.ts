import type { ReportSet } from "../report.ts";

export function renderJson(set: ReportSet): string {
  return `${JSON.stringify(set, null, 2)}\n`;
}
