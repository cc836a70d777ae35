/** Puts findings in words for a report: titles, hints, clean text, and every check in its place. */
import { adviceSentence, writeAdvice } from "../base/advice.ts";
import { foreignText } from "../base/safe-text.ts";
import { withOneAdvice } from "./consequences.ts";
import { adviceFor } from "./faults/advice.ts";
import type { Finding } from "./finding.ts";
import { CHECK_IDS, type CheckId, type CheckResult, isCheckOfCache } from "./report.ts";
import type { Subject } from "./subject.ts";

export const TITLES: Readonly<Record<CheckId, string>> = {
  enabled: "Enabled",
  dns: "Name",
  tcp: "Connection",
  tls: "TLS",
  auth: "Sign-in",
  ping: "PING",
  roundtrip: "Write and read",
  ttl: "Expiry",
  cleanup: "Clean-up",
  info: "Server",
  memory: "Memory",
  eviction: "Eviction",
  "hit-rate": "Hit rate",
  latency: "Response",
  "app-settings": "App's settings",
  "app-health": "App's health",
  "app-uses-cache": "App uses cache",
  plan: "Plan",
  "key-age": "Secret's age",
};

/** @returns a result for each check, in the report's order; what was not reached of the cache itself is skipped */
export function describe(
  found: readonly Finding[],
  subject: Subject,
  redact: (text: string) => string,
): CheckResult[] {
  const byId = new Map(found.map((finding) => [finding.id, finding]));
  const asked = CHECK_IDS.filter((id) => isCheckOfCache(id) || byId.has(id));
  return withOneAdvice(
    asked.map((id) => resultOf(byId.get(id) ?? { id, status: "skip" }, subject, redact)),
    subject,
  );
}

function resultOf(finding: Finding, subject: Subject, redact: (text: string) => string): CheckResult {
  const { id, observed, expected, durationMs = 0 } = finding;
  const base = {
    id,
    title: TITLES[id],
    ...(observed === undefined ? {} : { observed: foreignText(observed, redact) }),
    ...(expected === undefined ? {} : { expected }),
    durationMs,
  };
  if (finding.status === "pass") return { ...base, status: "pass" };
  const { code } = finding;
  if (code === undefined) return { ...base, status: "skip" };
  const advice = writeAdvice(adviceFor(code, subject));
  const next = { code, hint: adviceSentence(advice), advice };
  return finding.status === "skip"
    ? { ...base, status: "skip", ...next }
    : { ...base, status: finding.status, ...next };
}
