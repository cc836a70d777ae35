/** Caches of the example's kit for tests: connected to a redis-server, closed by `closeAll`. */
import { type Cache, type CacheOptions, openCache } from "../../../examples/app/cache/cache.ts";
import type { Environment } from "../../../examples/app/cache/settings.ts";

const open = new Set<Cache>();

/** Waits until it holds; a condition that never does ends the test by its name. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<number> {
  const startMs = performance.now();
  while (!(await holds())) {
    if (performance.now() - startMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((wake) => setTimeout(wake, 5));
  }
  return performance.now() - startMs;
}

export const connected = async (cache: Cache): Promise<boolean> => (await cache.health()).connected;

/** A cache as an app opens it, from settings. */
export function aCache(env: Environment, options: CacheOptions = {}): Cache {
  const cache = openCache(env, options);
  open.add(cache);
  return cache;
}

/** The same, once it is connected. */
export async function connectedCache(port: number, options: CacheOptions = {}): Promise<Cache> {
  // Machines under test are busy: what is to be seen here is not how short the limit can be.
  const cache = aCache({ REDIS_URL: `redis://127.0.0.1:${port}/0` }, { limitMs: 200, ...options });
  await until("connected", () => connected(cache));
  return cache;
}

export function closeAll(): void {
  for (const cache of open) cache.close();
  open.clear();
}
