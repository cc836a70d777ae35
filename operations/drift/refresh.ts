/**
 * What `pulumi refresh --preview-only --json` reports with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=1: a line of JSON for
 * each event (pulumi: sdk/go/common/apitype/events.go). Without that variable all steps look alike, and only their
 * number says that something differs. Pure.
 */
import type { KeyChange } from "./finding.ts";

export interface Refreshed {
  resources: readonly RefreshedResource[];
  /** In the words of providers, or of the engine. */
  errors: readonly { urn?: string; message: string }[];
  /** It came to its end: without that, what is missing was not looked at. */
  ended: boolean;
}

export interface RefreshedResource {
  urn: string;
  /** `same`; `update`: it differs; `delete`: it is not there any more. */
  op: string;
  /** Paths of properties. */
  keys: readonly KeyChange[];
}

/** @param output lines that are not events are passed over: warnings of a plugin may get in between */
export function parseRefresh(output: string): Refreshed {
  const events = output.split("\n").flatMap((line): Event[] => {
    try {
      const event: unknown = line.startsWith("{") ? JSON.parse(line) : undefined;
      return typeof event === "object" && event !== null ? [event] : [];
    } catch {
      return [];
    }
  });
  return {
    resources: events.flatMap(({ resOutputsEvent }) =>
      resOutputsEvent === undefined ? [] : [resourceOf(resOutputsEvent.metadata)],
    ),
    errors: events.flatMap(({ diagnosticEvent }) => {
      if (diagnosticEvent?.severity !== "error") return [];
      const { urn, message } = diagnosticEvent;
      // The engine's own last word says only that there were others.
      if (!urn && /^(preview|refresh) failed\s*$/.test(message)) return [];
      return [{ message: message.replace(/^Preview failed: /, ""), ...(urn ? { urn } : {}) }];
    }),
    ended: events.some(({ summaryEvent }) => summaryEvent !== undefined),
  };
}

interface Event {
  resOutputsEvent?: { metadata: Metadata };
  diagnosticEvent?: { urn?: string; severity: string; message: string };
  summaryEvent?: unknown;
}
interface Metadata {
  urn: string;
  op: string;
  /** Names of properties, where the paths are not reported. */
  diffs?: string[] | null;
  detailedDiff?: Record<string, { diffKind: string }> | null;
}

const CHANGES: Readonly<Record<string, KeyChange["change"]>> = {
  add: "added",
  "add-replace": "added",
  delete: "removed",
  "delete-replace": "removed",
};

function resourceOf({ urn, op, diffs, detailedDiff }: Metadata): RefreshedResource {
  const paths = Object.entries(detailedDiff ?? {});
  const keys =
    paths.length > 0
      ? paths.map(([name, { diffKind }]) => ({ name, change: CHANGES[diffKind] ?? ("changed" as const) }))
      : (diffs ?? []).map((name) => ({ name, change: "changed" as const }));
  return { urn, op, keys: keys.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
