import type { Info } from "../info.ts";

/** What a server had counted at an earlier time. */
export interface Counters {
  /** ISO 8601, UTC. */
  at: string;
  hits: number;
  misses: number;
}

/** Of the earlier check itself, after it had asked: GET and PTTL find its key, EXISTS after DEL does not. */
const OWN = { hits: 2, misses: 1 };

/** Look-ups of keys, from `since` on, or from the server's start. */
export type LookUps = Pick<Info, "hits" | "misses"> & { since?: string };

/**
 * The look-ups that say how the cache does now: those since the last run, not of all the server's life. A server that
 * was started anew in between has counted from nothing, so all that it has counted is since then.
 * @param nowMs milliseconds since the epoch
 */
export function lookUps(info: Info, earlier: Counters | undefined, nowMs: number): LookUps {
  const { hits, misses, uptimeSeconds } = info;
  const all = { ...(hits === undefined ? {} : { hits }), ...(misses === undefined ? {} : { misses }) };
  if (earlier === undefined || hits === undefined || misses === undefined) return all;
  const elapsedSeconds = (nowMs - Date.parse(earlier.at)) / 1000;
  const startedAnew = uptimeSeconds !== undefined && uptimeSeconds < elapsedSeconds - 1;
  if (startedAnew || hits < earlier.hits || misses < earlier.misses) return all;
  return {
    hits: Math.max(0, hits - earlier.hits - OWN.hits),
    misses: Math.max(0, misses - earlier.misses - OWN.misses),
    since: earlier.at,
  };
}
