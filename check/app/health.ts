/**
 * An app's health document, read leniently: `{ "status": "healthy", "cache": { "enabled", "connected", "hit_rate",
 * "memory_used", "reason", "fingerprint" } }`. Apps may have another document, or none; what is strange in it is
 * left out, and nothing here fails.
 */

import { isObject, parseJson } from "../../base/json.ts";
import { foreignText } from "../../base/safe-text.ts";
import { connectionErrorInWords } from "../faults/network.ts";
import { type FunctionUse, parseFunctions } from "../functions/use.ts";
import { memoryBytes } from "./memory-text.ts";

/** What an app says of itself that is not well. */
export const UNWELL = /^(unhealthy|down|error|critical|fail(ed|ing|ure)?)$/i;

/** How the app answered, from best to worst. */
export type Answer =
  /** 2xx with a JSON object. */
  | "document"
  /** 2xx or 3xx with something else. */
  | "no-document"
  /** 404 or another refusal of the request: the app runs, and has no such page or does not show it. */
  | "refused"
  /** 5xx. */
  | "unhealthy"
  /** No HTTP answer within the time. */
  | "unreachable";

/** What the app says of its cache; absent fields were absent, null, or of another kind than expected. */
export interface CacheHealth {
  enabled?: boolean;
  connected?: boolean;
  /** 0 to 1. */
  hitRate?: number;
  memoryUsedBytes?: number;
  /** Why it is off; foreign text, made fit to be shown. */
  reason?: string;
  fingerprint?: string;
  /** The shortest round trip to the cache that the app has seen, in milliseconds. */
  roundTripMs?: number;
  /** Absent where the app does not count them. */
  functions?: readonly FunctionUse[];
  /** Whether the document has the key `fingerprint` at all, be it null: such an app knows of it. */
  knowsFingerprint: boolean;
}

export interface Health {
  answer: Answer;
  /** Absent where nothing answered. */
  httpStatus?: number;
  /** The answer in a few words, for users: `HTTP 503`, `no answer within 5 s`. */
  words: string;
  /** The document's own `status`, made fit to be shown. */
  status?: string;
  /** Absent where the document says nothing of a cache. */
  cache?: CacheHealth;
}

export interface HealthOptions {
  signal?: AbortSignal;
  /** Milliseconds for the whole answer; default 5000. */
  timeoutMs?: number;
  /** Takes secrets out of what the app says. */
  redact?: (text: string) => string;
}

/** Bytes of a document that are read at most. */
const CAP_BYTES = 256 * 1024;

/**
 * Asks once.
 * @param url http or https
 * @throws only the signal's reason
 */
export async function readHealth(url: string, options: HealthOptions = {}): Promise<Health> {
  const { signal, timeoutMs = 5000, redact = (text) => text } = options;
  signal?.throwIfAborted();
  const patience = AbortSignal.timeout(timeoutMs);
  try {
    const reply = await fetch(url, {
      headers: { accept: "application/json", "cache-control": "no-cache" },
      // A sign-in page is an answer of its own, and not the app's.
      redirect: "manual",
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
    });
    const health = healthOf(reply.status, await textOf(reply), redact);
    const leadsTo = reply.status < 400 ? leadsFrom(url, reply.headers.get("location")) : "";
    return leadsTo === "" ? health : { ...health, words: foreignText(health.words + leadsTo, redact) };
  } catch (error) {
    signal?.throwIfAborted();
    const why = patience.aborted ? `no answer within ${timeoutMs / 1000} s` : causeOf(error);
    return { answer: "unreachable", words: foreignText(why, redact) };
  }
}

/** What an answer says. @param text the body */
export function healthOf(httpStatus: number, text: string, redact: (text: string) => string): Health {
  const document = objectOf(parseJson(text));
  const words = `HTTP ${httpStatus}`;
  const answer = answerOf(httpStatus, document !== undefined);
  if (document === undefined) return { answer, httpStatus, words };
  const cache = objectOf(document["cache"]);
  return {
    answer,
    httpStatus,
    words,
    ...(typeof document["status"] === "string"
      ? { status: foreignText(document["status"], redact, 60) }
      : {}),
    ...(cache === undefined ? {} : { cache: cacheOf(cache, redact) }),
  };
}

function answerOf(httpStatus: number, isDocument: boolean): Answer {
  if (httpStatus >= 500) return "unhealthy";
  if (httpStatus >= 400) return "refused";
  return httpStatus < 300 && isDocument ? "document" : "no-document";
}

function cacheOf(cache: Record<string, unknown>, redact: (text: string) => string): CacheHealth {
  const {
    enabled,
    connected,
    hit_rate: hitRate,
    memory_used: memory,
    reason,
    fingerprint,
    roundTripMs,
  } = cache;
  const bytes = memoryBytes(memory);
  return {
    ...(typeof enabled === "boolean" ? { enabled } : {}),
    ...(typeof connected === "boolean" ? { connected } : {}),
    ...shareOf(hitRate),
    ...(bytes === undefined ? {} : { memoryUsedBytes: bytes }),
    ...(typeof reason === "string" && reason !== "" ? { reason: foreignText(reason, redact) } : {}),
    ...(typeof fingerprint === "string" && fingerprint !== "" ? { fingerprint } : {}),
    ...(typeof roundTripMs === "number" && roundTripMs >= 0 ? { roundTripMs } : {}),
    ...functionsOf(cache["functions"], redact),
    knowsFingerprint: Object.hasOwn(cache, "fingerprint"),
  };
}

function functionsOf(value: unknown, redact: (text: string) => string): Pick<CacheHealth, "functions"> {
  const functions = parseFunctions(value, redact);
  return functions.length === 0 ? {} : { functions };
}

/** What is above 1 was meant in percent. */
function shareOf(rate: unknown): { hitRate?: number } {
  if (typeof rate !== "number" || !(rate >= 0 && rate <= 100)) return {};
  return { hitRate: rate > 1 ? rate / 100 : rate };
}

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return isObject(value) ? value : undefined;
}

async function textOf(reply: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of reply.body ?? []) {
    text += decoder.decode(part, { stream: true });
    // What is cut off is not a document any more.
    if (text.length > CAP_BYTES) return "";
  }
  return text;
}

/** Where a redirection leads: without its query, in which a sign-in page finds all kinds of things. */
function leadsFrom(url: string, location: string | null): string {
  const target = location === null ? null : URL.parse(location, url);
  return target === null ? "" : `, which leads to ${target.origin}${target.pathname}`;
}

/** fetch says "fetch failed"; why is in what caused it. Its own words repeat the address, which may hold a password. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error
    ? connectionErrorInWords(cause)
    : "its address cannot be asked, or holds a password";
}
