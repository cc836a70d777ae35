/** What a comparison of a stack's state with what is really there comes to. Names of keys, never a value. */
import { type Advice, adviceText } from "../../base/advice.ts";
import { cleaned, cleanedLines } from "../../check/render/clean.ts";

/**
 * `GONE`: it does not exist any more. `PASSWORD_REFUSED`: the cache does not accept what the apps have. `CHANGED`: a
 * resource's properties differ. `SETTINGS_CHANGED`: another user has
 * edited settings of ours, key by key. `SETTINGS_REMOVED`: a tool that replaces the whole set has written it without
 * ours. `SLOT_SWAPPED`: they went along with a swap of slots. `OTHER_OWNER`: another stack holds the place.
 * `NOT_STICKY`: names that should stay with their slot do not any more. `RECORD_UNREADABLE`: what an app held before us
 * cannot be read. `UNRECORDED`: propiq-cache itself wrote it, and the state never heard of it. `UNFINISHED`: an
 * update was cut off in the middle.
 */
export const DRIFT_CODES = [
  "GONE",
  "PASSWORD_REFUSED",
  "CHANGED",
  "SETTINGS_CHANGED",
  "SETTINGS_REMOVED",
  "SLOT_SWAPPED",
  "OTHER_OWNER",
  "NOT_STICKY",
  "RECORD_UNREADABLE",
  "UNRECORDED",
  "UNFINISHED",
] as const;
export type DriftCode = (typeof DRIFT_CODES)[number];

/** One name, and what became of it: of a setting, or the path of a property such as `tags.team`. */
export interface KeyChange {
  name: string;
  change: "changed" | "removed" | "added";
}

export interface Finding {
  code: DriftCode;
  /** What happened. */
  words: string;
  keys: readonly KeyChange[];
  advice: Advice;
  /** What another tool's file needs. */
  snippet?: string;
}

/** One thing that was compared. */
export interface Place {
  kind: "app" | "env-file" | "password" | "resource" | "state";
  /** As people call it: `App Service luntra-outreach-app`. */
  name: string;
  urn: string;
  /** None: it is as the state says. */
  findings: readonly Finding[];
  /** What differs and is meant to, or needs nobody. */
  notes: readonly string[];
}

/** Something that could not be compared. */
export interface Unasked {
  name: string;
  why: string;
  advice: Advice;
}

/** The same in a report: its advice is text of several lines, and every text is fit to be shown. */
export type Reported<T> = Omit<T, "advice" | "snippet"> & { hint: string };
export type ReportedPlace = Omit<Place, "findings"> & { findings: readonly Reported<Finding>[] };

export interface DriftReport {
  schema: 1;
  stack: string;
  /** ISO 8601, UTC. */
  generatedAt: string;
  /** `drift` as soon as anything differs; `unknown`: nothing does so far, and something could not be asked. */
  verdict: "none" | "drift" | "unknown";
  places: readonly ReportedPlace[];
  notAsked: readonly Reported<Unasked>[];
}

const ORDER: readonly Place["kind"][] = ["state", "password", "app", "env-file", "resource"];

/** @param found raw: every text in it is cleaned here */
export function driftReport(
  stack: string,
  now: Date,
  found: { places: readonly Place[]; notAsked: readonly Unasked[] },
): DriftReport {
  const places = found.places
    .map(({ findings, ...rest }) => ({ ...cleaned(rest), findings: findings.map(reported) }))
    .toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  const notAsked = found.notAsked.map(reported);
  const drifted = places.some(({ findings }) => findings.length > 0);
  return {
    schema: 1,
    stack,
    generatedAt: now.toISOString(),
    verdict: drifted ? "drift" : notAsked.length > 0 ? "unknown" : "none",
    places,
    notAsked,
  };
}

function reported<T extends { advice: Advice; snippet?: string }>({
  advice,
  snippet,
  ...rest
}: T): Reported<T> {
  const hint = [adviceText(advice), ...(snippet === undefined ? [] : [snippet])].join("\n");
  return { ...cleaned(rest), hint: cleanedLines(hint) };
}

/** `A and B changed; C removed`, in the order in which they came. */
export function keysInWords(keys: readonly KeyChange[]): string {
  return (["changed", "removed", "added"] as const)
    .flatMap((change) => {
      const names = keys.filter((key) => key.change === change).map(({ name }) => name);
      return names.length === 0 ? [] : [`${names.join(", ")} ${change}`];
    })
    .join("; ");
}
