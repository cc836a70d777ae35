/**
 * How a value lies in the cache: `{"of":"<its plain name>","freshUntil":<ms since 1970>,"value":…}`, with an end that
 * Redis keeps. The name is in it because an answer that belongs to another question, as clients and proxies are known
 * to have given, would show one user what is another's.
 */

export interface Lifetime {
  /** From storing to the end. */
  lifeMs: number;
  /** Of that, the last part: the value is still given, while a new one is fetched. */
  staleMs: number;
}

export interface Sealed {
  json: string;
  /** Until Redis drops it. */
  lifeMs: number;
}

export interface Opened<Value> {
  /** Milliseconds since 1970. */
  freshUntil: number;
  /** A copy of its own for each caller, who may change it. */
  copy: () => Value;
}

/** @throws RangeError where they are not above zero, or the stale part is longer than the whole */
export function lifetime(ttlSeconds: number, staleSeconds = ttlSeconds / 5): Lifetime {
  if (!(ttlSeconds > 0 && staleSeconds >= 0 && staleSeconds <= ttlSeconds)) {
    throw new RangeError("ttl must be above 0 seconds, and staleSeconds from 0 to ttl");
  }
  return { lifeMs: ttlSeconds * 1000, staleMs: staleSeconds * 1000 };
}

/**
 * @param plain the value's plain name
 * @param jitter the share by which the life may be shorter
 * @returns nothing for a value that JSON does not hold
 */
export function seal(
  plain: string,
  value: unknown,
  { lifeMs, staleMs }: Lifetime,
  jitter: number,
): Sealed | undefined {
  const shorter = 1 - jitter * Math.random();
  const [life, stale] = [Math.max(1, Math.round(lifeMs * shorter)), staleMs * shorter];
  try {
    const json: string | undefined = JSON.stringify(value);
    if (json === undefined) return undefined;
    const freshUntil = Math.round(Date.now() + life - stale);
    return {
      json: `{"of":${JSON.stringify(plain)},"freshUntil":${freshUntil},"value":${json}}`,
      lifeMs: life,
    };
  } catch {
    return undefined;
  }
}

/** An answer that belongs to another question. */
export class Mixed extends Error {
  override readonly name = "Mixed";
}

/**
 * @returns nothing for a text that is no such envelope, whoever wrote it
 * @throws Mixed for another value's
 */
export function open<Value>(plain: string, text: string): Opened<Value> | undefined {
  const parsed = parse(text);
  if (typeof parsed !== "object" || parsed === null || !("of" in parsed)) return undefined;
  if (parsed.of !== plain) throw new Mixed();
  if (!("freshUntil" in parsed) || typeof parsed.freshUntil !== "number" || !("value" in parsed))
    return undefined;
  // Under this key nobody but the function of this type stores envelopes.
  let first: { value: unknown } | undefined = { value: parsed.value };
  return {
    freshUntil: parsed.freshUntil,
    copy: () => {
      const { value } = first ?? (JSON.parse(text) as { value: unknown });
      first = undefined;
      return value as Value;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
