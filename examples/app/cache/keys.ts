/**
 * The names of cached values: `<prefix>:v<version>:<namespace>:<part>:<part>…`, the same in every language of the
 * kit. What follows the version is the value's plain name; patterns are matched against that.
 */
import { createHash } from "node:crypto";

/** What a key can be made of. Numbers are whole; others do not have the same text everywhere. */
export type Part = string | number | boolean | null;

/** Words of namespaces whose values must not lie in a cache, which others can read and which forgets. */
export const NEVER_CACHED: readonly string[] = [
  "auth",
  "card",
  "cards",
  "credential",
  "credentials",
  "password",
  "passwords",
  "payment",
  "payments",
  "secret",
  "secrets",
  "session",
  "sessions",
  "token",
  "tokens",
];

const NAMESPACE = /^[a-z][a-z0-9_-]{0,31}(:[a-z][a-z0-9_-]{0,31}){0,3}$/;
/** Longer parts are named by their hash. */
const LONGEST_PART = 128;

/** @throws TypeError for a namespace that is not valid, RangeError for one that must never be cached */
export function assertNamespace(namespace: string, never: readonly string[] = NEVER_CACHED): void {
  if (!NAMESPACE.test(namespace)) {
    throw new TypeError(
      `${JSON.stringify(namespace)} is not a namespace: use words of a-z, 0-9, - and _, as in user:profile`,
    );
  }
  const word = namespace.split(/[:_-]/).find((each) => never.includes(each));
  if (word !== undefined) throw new RangeError(`${namespace} must not be cached: it holds ${word}`);
}

/** @throws TypeError for a part that has no such text, as an object */
export function plainName(namespace: string, parts: readonly Part[]): string {
  return [namespace, ...(parts.length === 0 ? ["%none"] : parts.map(encode))].join(":");
}

/**
 * Percent-encoded, so that neither a colon nor a sign of Redis' patterns is left in it. Words behind a % that
 * percent-encoding cannot bring about stand for what is not a text; 1 and "1" are the same.
 */
function encode(part: Part): string {
  if (part === null) return "%null";
  if (part === "") return "%empty";
  if (typeof part === "boolean") return `%${part}`;
  if (typeof part === "number" && Number.isSafeInteger(part)) return String(part);
  if (typeof part !== "string") {
    throw new TypeError(
      "A key is made of texts, whole numbers, booleans and null. Give `key`, which makes it of those.",
    );
  }
  // A lone surrogate has no percent-encoding, but its hash distinguishes it from any other.
  if (!part.isWellFormed()) return hashed(part);
  const encoded = encodeURIComponent(part).replaceAll("*", "%2A");
  return encoded.length > LONGEST_PART ? hashed(part) : encoded;
}

function hashed(part: string): string {
  return `%sha256.${createHash("sha256").update(part, "utf16le").digest("hex")}`;
}

/** The plain name in a key of this prefix; nothing in any other key. */
export function plainOf(prefix: string, key: string): string | undefined {
  if (!key.startsWith(`${prefix}:v`)) return undefined;
  return /^\d+:(.*)$/s.exec(key.slice(prefix.length + 2))?.[1];
}
