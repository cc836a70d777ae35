import type { Redis } from "ioredis";

export interface Stats {
  keys: number | null;
  memoryUsedBytes: number | null;
  /** As Redis writes it, e.g. 1.21M. */
  memoryUsed: string | null;
  hits: number;
  misses: number;
  /** Share of the look-ups that found a value, 0 to 1; null before the first. */
  hitRate: number | null;
}

export type ServerStats = Pick<Stats, "keys" | "memoryUsedBytes" | "memoryUsed">;

/** What Redis says of itself; providers leave out this and that. */
export async function serverStats(redis: Redis): Promise<ServerStats> {
  const [keys, info] = await Promise.all([redis.dbsize(), redis.info("memory")]);
  const bytes = /^used_memory:(\d+)\r?$/m.exec(info)?.[1];
  return {
    keys,
    memoryUsedBytes: bytes === undefined ? null : Number(bytes),
    memoryUsed: /^used_memory_human:([\w.]{1,20})\r?$/m.exec(info)?.[1] ?? null,
  };
}
