/**
 * What the cache does for each function of an app, as the app's health document counts it since the process started.
 * Read leniently from documents and from lines of a history: both are foreign.
 */
import { foreignText } from "../../base/safe-text.ts";

export interface FunctionUse {
  namespace: string;
  hits: number;
  misses: number;
  /** Loads that failed. */
  errors: number;
  loads: number;
  loadMsMean?: number;
  loadMsMax?: number;
  /** Loads of a value that had been loaded before; absent where the app does not count them. */
  reloads?: number;
  /** How many of them gave the same value as before. */
  unchangedReloads: number;
  ttlSeconds: number;
  /** The time that hits saved, in seconds. */
  savedSeconds: number;
  /** Values that the app's process stored and that have not expired; absent where the app does not count them. */
  memoryBytes?: number;
  /** Why the cache is not used for it. */
  reason?: string;
}

/** An app has no more functions than a page can show. */
const MOST = 200;
const NAME_CHARACTERS = 100;

const COUNTS = ["hits", "misses", "errors", "loads", "unchangedReloads"] as const;
const AMOUNTS = ["loadMsMean", "loadMsMax", "reloads", "memoryBytes"] as const;

/** @returns those that can be read; none for anything else */
export function parseFunctions(value: unknown, redact: (text: string) => string): FunctionUse[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, MOST).flatMap((entry) => parseFunction(entry, redact));
}

function parseFunction(entry: unknown, redact: (text: string) => string): FunctionUse[] {
  if (typeof entry !== "object" || entry === null) return [];
  const fields = entry as Record<string, unknown>;
  const { namespace, ttlSeconds, savedSeconds, reason } = fields;
  if (typeof namespace !== "string" || namespace === "") return [];
  const counts = COUNTS.map((name) => [name, amountOf(fields[name]) ?? 0]);
  const amounts = AMOUNTS.flatMap((name) => {
    const amount = amountOf(fields[name]);
    return amount === undefined ? [] : [[name, amount]];
  });
  return [
    {
      namespace: foreignText(namespace, redact, NAME_CHARACTERS),
      ...(Object.fromEntries(counts) as Record<(typeof COUNTS)[number], number>),
      ...(Object.fromEntries(amounts) as Partial<Record<(typeof AMOUNTS)[number], number>>),
      ttlSeconds: amountOf(ttlSeconds) ?? 0,
      savedSeconds: amountOf(savedSeconds) ?? 0,
      ...(typeof reason === "string" && reason !== "" ? { reason: foreignText(reason, redact) } : {}),
    },
  ];
}

function amountOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
