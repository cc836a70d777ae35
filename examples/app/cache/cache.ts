/**
 * A cache for a web app, on Redis: `cached` around a slow function, and an invalidation where its data change. The app
 * never depends on it: whatever Redis does, the function is called instead, at once.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { Counts, type FunctionHealth } from "./counts.ts";
import { Distance } from "./distance.ts";
import { isOver, jsonOf, lifetime, seal } from "./envelope.ts";
import { CachedFunction } from "./functions.ts";
import { assertNamespace, NEVER_CACHED, type Part, plainName } from "./keys.ts";
import { Link } from "./link.ts";
import { Lost, type Pattern } from "./lost.ts";
import { openMetrics } from "./metrics.ts";
import { fits } from "./patterns.ts";
import { type Environment, readSettings, type Tier } from "./settings.ts";
import { type Stats, serverStats } from "./stats.ts";
import { Store } from "./store.ts";

export type { FunctionHealth, Part, Stats };
/** A tier of the settings, or seconds. No value outlives it. */
export type Ttl = Tier | number;

export interface CacheOptions {
  /** Begins every key; default: CACHE_PREFIX, else `propiq`. */
  prefix?: string;
  /** What a request may wait for Redis, in milliseconds; default: what fits its distance, 20 to 100. */
  limitMs?: number;
  /** Further words of namespaces that must never be cached. */
  neverCached?: readonly string[];
  /** The share of a lifetime by which it may be shorter, so that what was stored together does not end together. */
  jitter?: number;
  /** Default for all functions, see `CachedOptions`. */
  graceSeconds?: number;
  /** Default for all functions, see `CachedOptions`. */
  loadLimitMs?: number;
}

export interface CachedOptions<Args extends readonly unknown[]> {
  /** Its own: no other function may store there. */
  namespace: string;
  ttl: Ttl;
  /** The last part of the ttl, in which a value is still given while a new one is fetched; default: a fifth. */
  staleSeconds?: number;
  /** Beyond the ttl, in which the last good value is given where the function fails; default: none. */
  graceSeconds?: number;
  /** Or where it takes longer than this, in milliseconds; default: 1000. */
  loadLimitMs?: number;
  /** To be raised when the values' shape changes: those of another version are not read. */
  version?: number;
  /** What the value depends on; default: the arguments as they are. */
  key?: (...args: Args) => readonly Part[];
}

/**
 * The function, now with a memory. From the cache or not, it gives what JSON keeps of a value, and to each caller a
 * copy; only where the cache is off it is the function as it was.
 */
export interface Cached<Args extends readonly unknown[], Value> {
  (...args: Args): Promise<Value>;
  /** Forgets the value for these arguments: to be awaited after their data changed. Never rejects. */
  invalidate(...args: Args): Promise<void>;
}

/** The `cache` of the health document. */
export interface CacheHealth {
  enabled: boolean;
  connected: boolean;
  hit_rate: number | null;
  memory_used: string | null;
  reason: string | null;
  fingerprint: string | null;
  /** The shortest one seen at a connect. */
  roundTripMs?: number;
  /** What a request may wait for Redis. */
  limitMs?: number;
  /** Settings that are ignored, and why. */
  notes?: readonly string[];
  functions: readonly FunctionHealth[];
}

const DEFAULT_LOAD_LIMIT_MS = 1000;
/** For what no request waits for. */
const PATIENT_LIMIT_MS = 2000;

/** Opens the cache that the environment describes. It connects by itself, and again whenever it must. */
export function openCache(env: Environment = process.env, options: CacheOptions = {}): Cache {
  return new Cache(env, options);
}

/** A function whose calls are cached, and how long its values live. */
interface Registered {
  counts: Counts;
  ttlSeconds: number;
  invalidate: (matches: (plain: string) => boolean) => void;
}

export class Cache {
  readonly #settings;
  readonly #options: CacheOptions;
  readonly #never: readonly string[];
  readonly #distance: Distance;
  readonly #store: Store;
  readonly #link: Link | undefined;
  readonly #lost = new Lost();
  readonly #versions = new Map<string, number>();
  readonly #functions: Registered[] = [];
  /** Of `get`. */
  readonly #direct = new Counts("");

  constructor(env: Environment, options: CacheOptions) {
    this.#settings = readSettings(env);
    this.#options = options;
    this.#never = [...NEVER_CACHED, ...(options.neverCached ?? [])];
    this.#distance = new Distance(options.limitMs);
    const prefix = options.prefix ?? this.#settings.prefix;
    this.#store = new Store(prefix, this.#versions);
    const { server } = this.#settings;
    if (server === undefined) return;
    this.#link = new Link(server, {
      distance: this.#distance,
      owes: () => this.#lost.some,
      probeKey: `${prefix}:probe:${randomUUID()}`,
      onReturn: (redis) =>
        this.#lost.makeUpFor((pattern) => this.#store.removeWith(pattern, (command) => command(redis))),
    });
  }

  /**
   * Remembers what `fn` gives.
   * @throws TypeError or RangeError for a namespace that is taken, is not valid, or must never be cached
   */
  cached<Args extends readonly unknown[], Value>(
    fn: (...args: Args) => Promise<Value>,
    options: CachedOptions<Args>,
  ): Cached<Args, Value> {
    const { namespace, key = (...args: Args) => args as readonly Part[] } = options;
    assertNamespace(namespace, this.#never);
    if (this.#versions.has(namespace)) throw new TypeError(`${namespace} already belongs to a function`);
    this.#versions.set(namespace, options.version ?? 1);
    const cached = this.#register<Value>(options);
    const call = async (...args: Args): Promise<Value> => {
      const plain = plainName(namespace, key(...args));
      return cached === undefined ? await fn(...args) : await cached.call(plain, () => fn(...args));
    };
    return Object.assign(call, { invalidate: (...args: Args) => this.delete(namespace, ...key(...args)) });
  }

  /** @returns the value, or undefined where there is none */
  async get<Value>(namespace: string, ...parts: Part[]): Promise<Value | undefined> {
    const plain = this.#named(namespace, parts);
    if (this.#link === undefined) return undefined;
    const found = await this.#store.read<Value>(this.#link, plain);
    if (found === undefined || isOver(found)) {
      this.#direct.miss();
      return undefined;
    }
    this.#direct.hit(found.tookMs);
    return found.copy();
  }

  /** @returns whether it is in the cache now */
  async set(namespace: string, parts: readonly Part[], value: unknown, ttl: Ttl): Promise<boolean> {
    const plain = this.#named(namespace, parts);
    const [json, life] = [jsonOf(value), lifetime(this.#seconds(ttl))];
    if (json === undefined || this.#link === undefined) return false;
    return await this.#store.write(this.#link, plain, seal(plain, json, life, this.#jitter));
  }

  /** Forgets one value. Never rejects: what cannot be done now is done before the cache is read again. */
  async delete(namespace: string, ...parts: Part[]): Promise<void> {
    await this.#forget({ text: this.#named(namespace, parts), exact: true });
  }

  /** Forgets a namespace, with those below it. It walks through the keys: not for every request. */
  async clear(namespace: string): Promise<void> {
    await this.invalidateBelow(namespace);
  }

  /**
   * Forgets all that fits a pattern: `user`, `user:*`, `user:42`, `user:4*`. It walks through the keys. Text that comes
   * from a user does not belong in a pattern: see `invalidateBelow`.
   */
  async invalidate(pattern: string): Promise<void> {
    await this.#forget({ text: pattern, exact: false });
  }

  /** Forgets all values whose first parts are these, whatever characters are in them. */
  async invalidateBelow(namespace: string, ...parts: Part[]): Promise<void> {
    assertNamespace(namespace, this.#never);
    await this.#forget({ text: parts.length === 0 ? namespace : plainName(namespace, parts), exact: false });
  }

  /**
   * Calls functions before anyone asks, a few at a time, so that their values are there. Without Redis it does
   * nothing, rather than ask the database for all at once.
   * @returns how many succeeded
   */
  async warm(calls: readonly (() => Promise<unknown>)[], atOnce = 4): Promise<number> {
    if (this.#link === undefined || !(await this.#link.ready(PATIENT_LIMIT_MS))) return 0;
    const left = [...calls];
    let done = 0;
    const worker = async () => {
      for (let call = left.shift(); call !== undefined; call = left.shift()) {
        const succeeded = await call().then(
          () => true,
          () => false,
        );
        if (succeeded) done += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return done;
  }

  /** Hits and misses of this process; keys and memory of the whole Redis, null where it does not report. */
  async stats(): Promise<Stats> {
    const counts = [this.#direct, ...this.#functions.map((each) => each.counts)];
    const hits = counts.reduce((sum, each) => sum + each.hits, 0);
    const lookUps = counts.reduce((sum, each) => sum + each.misses, hits);
    const server = await this.#ask((redis) => serverStats(redis)).catch(() => undefined);
    return {
      keys: server?.keys ?? null,
      memoryUsedBytes: server?.memoryUsedBytes ?? null,
      memoryUsed: server?.memoryUsed ?? null,
      hits,
      misses: lookUps - hits,
      hitRate: lookUps === 0 ? null : Math.round((hits / lookUps) * 10_000) / 10_000,
    };
  }

  async health(): Promise<CacheHealth> {
    const { enabled, problem, fingerprint, notes } = this.#settings;
    const { hitRate, memoryUsed } = await this.stats();
    const functions = this.#documents();
    const off = enabled ? (problem ?? null) : "REDIS_ENABLED is false";
    return {
      enabled,
      connected: this.#link?.usable ?? false,
      hit_rate: hitRate,
      memory_used: memoryUsed,
      reason: this.#link === undefined ? off : (this.#link.reason ?? unusedBy(functions)),
      fingerprint,
      ...(this.#link === undefined ? {} : this.#distance.document()),
      ...(notes.length === 0 ? {} : { notes }),
      functions,
    };
  }

  /** The counts of each function as OpenMetrics. */
  metrics(): string {
    return openMetrics(this.#link?.usable ?? false, this.#documents());
  }

  close(): void {
    this.#link?.close();
  }

  /** @returns nothing where the cache is off */
  #register<Value>(options: CachedOptions<never>): CachedFunction<Value> | undefined {
    const { namespace, staleSeconds } = options;
    const grace = options.graceSeconds ?? this.#options.graceSeconds;
    const chosen = lifetime(this.#seconds(options.ttl), staleSeconds, grace);
    const ttlSeconds = this.#settings.ttlFunctions[namespace] ?? chosen.lifeMs / 1000;
    const stale = staleSeconds === undefined ? undefined : Math.min(staleSeconds, ttlSeconds);
    const counts = new Counts(namespace);
    const made =
      this.#link &&
      new CachedFunction<Value>({
        counts,
        life: lifetime(ttlSeconds, stale, grace),
        loadLimitMs: options.loadLimitMs ?? this.#options.loadLimitMs ?? DEFAULT_LOAD_LIMIT_MS,
        jitter: this.#jitter,
        store: this.#store,
        link: this.#link,
        distance: this.#distance,
        forget: (pattern) => this.#forget(pattern),
      });
    this.#functions.push({ counts, ttlSeconds, invalidate: (matches) => made?.invalidate(matches) });
    return made;
  }

  async #forget(pattern: Pattern): Promise<void> {
    const matches = pattern.exact ? (plain: string) => plain === pattern.text : fits(pattern.text);
    for (const { counts, invalidate } of this.#functions) {
      invalidate(matches);
      if (pattern.exact) counts.stored.remove(pattern.text);
      else counts.stored.removeAll(matches);
    }
    if (this.#link === undefined) return;
    try {
      await this.#store.remove(this.#link, pattern);
    } catch {
      this.#lost.add(pattern);
      // A cache that may hold what was to be forgotten must not be read.
      this.#link.doubt("an invalidation was lost");
    }
  }

  #documents(): FunctionHealth[] {
    return this.#functions.map(({ counts, ttlSeconds }) =>
      counts.document(ttlSeconds, this.#link && this.#distance.tooFarFor(counts.recentLoadMs)),
    );
  }

  #ask<T>(command: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#link === undefined ? Promise.reject(new Error("off")) : this.#link.ask(command);
  }

  #named(namespace: string, parts: readonly Part[]): string {
    assertNamespace(namespace, this.#never);
    return plainName(namespace, parts);
  }

  get #jitter(): number {
    return this.#options.jitter ?? 0.1;
  }

  #seconds(ttl: Ttl): number {
    return typeof ttl === "number" ? ttl : this.#settings.ttl[ttl];
  }
}

/** Why a cache that could be used is not, if that is so for every function. */
function unusedBy(functions: readonly FunctionHealth[]): string | null {
  const [first] = functions;
  const isUnused = first !== undefined && functions.every(({ reason }) => reason !== undefined);
  return isUnused ? `no function uses it: ${first.reason}` : null;
}
