/**
 * How a value is stored: a line of JSON that describes it, then its own JSON.
 *
 * `{"of":"<its plain name>","fresh":<ms since 1970>,"took":<ms>,"hash":"…"}`, a line break, the value. The name is in
 * it because a reply that belongs to another question, as clients and proxies are known to have given, would show one
 * user what belongs to another. Values of the first version of the kit have another form and are misses.
 */
import { createHash } from "node:crypto";

export interface Lifetime {
  /** From storing to the end. */
  lifeMs: number;
  /** Of that, the last part: the value is still given, while a new one is fetched. */
  staleMs: number;
  /** After the end, in which the value is given where no new one can be fetched. */
  graceMs: number;
}

export interface Sealed {
  text: string;
  /** From now, in which Redis drops it. */
  expiresMs: number;
  hash: string;
}

export interface Opened<Value> {
  /** Milliseconds since 1970. */
  freshUntil: number;
  /** The same, for the end of its lifetime; absent where Redis keeps that itself. */
  endsAt?: number;
  storedAt: number;
  /** How long the function took for it. */
  tookMs: number;
  hash: string;
  /** A copy of its own for each caller, who may change it. */
  copy: () => Value;
}

/** @throws RangeError where they are not above zero, or the stale part is longer than the whole */
export function lifetime(ttlSeconds: number, staleSeconds = ttlSeconds / 5, graceSeconds = 0): Lifetime {
  if (!(ttlSeconds > 0 && staleSeconds >= 0 && staleSeconds <= ttlSeconds && graceSeconds >= 0)) {
    throw new RangeError(
      "ttl must be above 0 seconds, staleSeconds from 0 to ttl, and graceSeconds not below 0",
    );
  }
  return { lifeMs: ttlSeconds * 1000, staleMs: staleSeconds * 1000, graceMs: graceSeconds * 1000 };
}

/** @returns the value's JSON; nothing for a value that JSON does not hold */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

/**
 * @param plain the value's plain name
 * @param jitter the share by which the life may be shorter
 */
export function seal(
  plain: string,
  json: string,
  { lifeMs, staleMs, graceMs }: Lifetime,
  jitter: number,
  tookMs = 0,
): Sealed {
  const shorter = 1 - jitter * Math.random();
  const [life, now] = [Math.max(1, Math.round(lifeMs * shorter)), Date.now()];
  const hash = createHash("sha256").update(json).digest("hex").slice(0, 16);
  const head = {
    of: plain,
    fresh: Math.round(now + life - staleMs * shorter),
    took: Math.round(tookMs * 10) / 10,
    hash,
    ...(graceMs > 0 ? { at: now, end: now + life } : {}),
  };
  return { text: `${JSON.stringify(head)}\n${json}`, expiresMs: Math.round(life + graceMs), hash };
}

/** A reply that belongs to another question. */
export class Mixed extends Error {
  override readonly name = "Mixed";
}

/**
 * @returns nothing for a text of another form, whatever wrote it
 * @throws Mixed for another value's
 */
export function open<Value>(plain: string, text: string): Opened<Value> | undefined {
  const end = text.indexOf("\n");
  const head = parsed(text.slice(0, Math.max(0, end)))?.value;
  if (typeof head !== "object" || head === null || !("of" in head)) return undefined;
  if (head.of !== plain) throw new Mixed();
  const { fresh, took, at, end: endsAt, hash } = head as Record<string, unknown>;
  const json = text.slice(end + 1);
  const value = parsed(json);
  if (typeof fresh !== "number" || value === undefined) return undefined;
  return {
    freshUntil: fresh,
    ...(typeof endsAt === "number" ? { endsAt } : {}),
    storedAt: typeof at === "number" ? at : 0,
    tookMs: typeof took === "number" ? took : 0,
    hash: typeof hash === "string" ? hash : "",
    copy: copiesOf<Value>(json, value),
  };
}

/** @param first a parsed value, for the first who asks */
export function copiesOf<Value>(json: string, first?: { value: unknown }): () => Value {
  let left = first;
  return () => {
    const { value } = left ?? { value: JSON.parse(json) as unknown };
    left = undefined;
    // Only the function of this type stores under this name.
    return value as Value;
  };
}

export const isOver = ({ endsAt }: Opened<unknown>): boolean => endsAt !== undefined && Date.now() >= endsAt;

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
