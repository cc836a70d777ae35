/** Since when it has not been well. Pure. */
import type { PastRun } from "../../check/history/past-run.ts";
import type { Code } from "../../check/report.ts";
import type { Change } from "./report.ts";

/** The first run that failed after the last one that did not. */
export function sinceInHistory(runs: readonly PastRun[]): string | undefined {
  const isWell = ({ verdict }: PastRun) => verdict === "healthy" || verdict === "disabled";
  const lastWell = runs.findLastIndex(isWell);
  return runs[lastWell + 1]?.at;
}

/** Which change of Azure brings a fault about, by its code. */
const CAUSES: readonly { codes: readonly Code[]; what: RegExp }[] = [
  { codes: ["APP_STOPPED"], what: /sites\/(slots\/)?stop/i },
  { codes: ["AUTH_WRONG", "AUTH_REQUIRED"], what: /regenerateKey/i },
  {
    codes: ["DNS_NOT_FOUND", "TCP_REFUSED", "TCP_TIMEOUT", "UNREACHABLE"],
    what: /Microsoft\.Cache\/redis(Enterprise)?(\/databases)?\/(delete|write)/i,
  },
  {
    codes: ["SETTINGS_REMOVED", "SETTINGS_DIFFER", "APP_CACHE_OFF"],
    what: /sites\/(slots\/)?config\/write/i,
  },
  { codes: ["APP_UNREACHABLE"], what: /sites\/(slots\/)?(restart|config\/write|write|publish)/i },
];

/** The newest change that explains one of the codes. @param changes newest first */
export function sinceInChanges(codes: readonly Code[], changes: readonly Change[]): string | undefined {
  for (const { codes: explained, what } of CAUSES) {
    if (!explained.some((code) => codes.includes(code))) continue;
    const found = changes.find((change) => change.source === "azure" && what.test(change.what));
    if (found !== undefined) return found.at;
  }
  return undefined;
}
