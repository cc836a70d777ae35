/** What the probes found, before it is put in words for the cache at hand. */
import type { CheckId, Code } from "./report.ts";

interface FindingBase {
  id: CheckId;
  observed?: string;
  expected?: string;
  durationMs?: number;
}
export type Finding =
  | (FindingBase & { status: "pass" })
  | (FindingBase & { status: "skip"; code?: Code })
  | (FindingBase & { status: "warn" | "fail"; code: Code });
