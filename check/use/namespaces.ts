/** What uses the memory: keys by the first part of their names. */
import type { KeySample, SampledKey } from "./sample.ts";

export interface Namespace {
  /** The part before the first separator, as in `session` of `session:42`; empty for names without one. */
  name: string;
  /** Of the sample. */
  keys: number;
  /** What a key takes on average. */
  bytesPerKey?: number;
  /** Of all sampled bytes, or of all sampled keys where the server reports no sizes: 0 to 1. */
  share: number;
  /** Of all its keys together, by those of the sample; absent where the server reports no sizes. */
  bytes?: number;
  largestBytes?: number;
  /** Of its sampled keys; absent where the server does not report. */
  withoutTtl?: number;
}

/** What people put between the parts of a key. */
const SEPARATOR = /[:/|]/;
/** Numbers and the like, of which each would be a namespace of its own: `42`, `3fa85f64-5717-…`, `user-42`. */
const ID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}|\d+/gi;
/** Rows at most; the others are summed up. */
const ROWS = 10;
export const OTHERS = "…";

/**
 * @param all keys that there are: the sample stands for them
 * @returns the largest first, at most 10 and the sum of all others
 */
export function namespacesOf({ keys }: Pick<KeySample, "keys">, all = keys.length): Namespace[] {
  const each = Math.max(1, all / Math.max(1, keys.length));
  const groups = Map.groupBy(keys, ({ key }) => namespaceOf(key));
  const bytes = sum(keys, bytesOf);
  const rowOf = (name: string, members: readonly SampledKey[]): Namespace => {
    const sized = members.filter((member) => member.bytes !== undefined);
    const own = sum(sized, bytesOf);
    const known = members.filter(({ hasTtl }) => hasTtl !== undefined);
    return {
      name,
      keys: members.length,
      share: bytes > 0 ? own / bytes : members.length / keys.length,
      ...(sized.length === 0
        ? {}
        : {
            bytes: Math.round(own * each),
            bytesPerKey: Math.round(own / sized.length),
            largestBytes: Math.max(...sized.map(bytesOf)),
          }),
      ...(known.length === 0 ? {} : { withoutTtl: known.filter(({ hasTtl }) => hasTtl === false).length }),
    };
  };
  const rows = [...groups]
    .map(([name, members]) => rowOf(name, members))
    .toSorted((a, b) => b.share - a.share || b.keys - a.keys || a.name.localeCompare(b.name));
  if (rows.length <= ROWS) return rows;
  const rest = new Set(rows.slice(ROWS).map(({ name }) => name));
  return [
    ...rows.slice(0, ROWS),
    rowOf(
      OTHERS,
      keys.filter(({ key }) => rest.has(namespaceOf(key))),
    ),
  ];
}

export function namespaceOf(key: string): string {
  const at = key.search(SEPARATOR);
  return at <= 0 ? "" : key.slice(0, at).replace(ID, "*");
}

function bytesOf({ bytes = 0 }: SampledKey): number {
  return bytes;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
