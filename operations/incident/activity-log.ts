/** Azure's activity log: who changed what in a resource group. Reader is enough. */
import { foreignText } from "../../base/safe-text.ts";
import type { Arm } from "../../infra/azure/arm.ts";
import type { Change } from "./report.ts";

const API_VERSION = "2015-04-01";
const MOST_PAGES = 5;

/** @param since milliseconds since 1970; the log keeps 90 days @throws ArmError, PropiqError, the signal's reason */
export async function activityIn(
  arm: Pick<Arm, "request" | "subscriptionId">,
  resourceGroup: string,
  { since, until, signal }: { since: number; until: number; signal: AbortSignal },
): Promise<Change[]> {
  const iso = (ms: number) => new Date(ms).toISOString();
  const filter = [
    `eventTimestamp ge '${iso(since)}'`,
    `eventTimestamp le '${iso(until)}'`,
    `resourceGroupName eq '${resourceGroup.replaceAll("'", "''")}'`,
  ].join(" and ");
  const events: unknown[] = [];
  let at: { path: string; query: Record<string, string> } | undefined = {
    path: `/subscriptions/${arm.subscriptionId}/providers/Microsoft.Insights/eventtypes/management/values`,
    query: { $filter: filter },
  };
  for (let page = 0; at !== undefined && page < MOST_PAGES; page += 1) {
    const { body } = await arm.request({ method: "GET", ...at, apiVersion: API_VERSION, signal });
    const { value, nextLink } = (body ?? {}) as { value?: unknown; nextLink?: unknown };
    if (Array.isArray(value)) events.push(...value);
    at = typeof nextLink === "string" ? nextPage(nextLink) : undefined;
  }
  return changesIn(events);
}

function nextPage(link: string): { path: string; query: Record<string, string> } | undefined {
  const url = URL.parse(link);
  if (url === null) return undefined;
  const { pathname, searchParams } = url;
  searchParams.delete("api-version");
  return { path: pathname, query: Object.fromEntries(searchParams) };
}

/** What changes nothing, or is done at every deploy: lists of settings and keys, reads, registrations. */
const QUIET = /\/(list|listKeys|read|validate|register|checkNameAvailability)(\/action)?$/i;

/** Each change once: an operation has an event for its start and one for its end. Newest first. */
export function changesIn(events: readonly unknown[]): Change[] {
  const seen = new Map<string, Change>();
  for (const event of events) {
    const { eventTimestamp, operationName, status, caller, resourceId, correlationId } = (event ??
      {}) as Readonly<Record<string, unknown>>;
    const operation = textIn(operationName);
    const outcome = textIn(status);
    const time = Date.parse(String(eventTimestamp));
    if (operation === "" || Number.isNaN(time) || QUIET.test(operation) || outcome === "Failed") continue;
    const id = String(resourceId ?? "");
    const key = `${String(correlationId ?? time)} ${operation.toLowerCase()} ${id.toLowerCase()}`;
    const at = new Date(time).toISOString();
    const before = seen.get(key);
    if (before !== undefined && before.at <= at) continue;
    const who = clean(String(caller ?? ""));
    seen.set(key, {
      at,
      what: `${clean(operation)} on ${clean(id.split("/").slice(-1)[0] ?? "")}`,
      ...(who === "" ? {} : { who }),
      source: "azure",
    });
  }
  return [...seen.values()].toSorted((a, b) => (a.at < b.at ? 1 : -1));
}

function textIn(field: unknown): string {
  const value = typeof field === "object" && field !== null ? Reflect.get(field, "value") : field;
  return typeof value === "string" ? value : "";
}

function clean(text: string): string {
  return foreignText(text, (same) => same, 120);
}
