/**
 * A cache for a web app, on Redis: `cached` around a slow function, and an invalidation where its data change. The app
 * never depends on it: whatever Redis does, the function is called instead, at once.
 */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { type Flight, Flights } from "./flights.ts";
import { assertNamespace, fits, NEVER_CACHED, type Part, plainName, plainOf, scanPattern } from "./keys.ts";
import { Link } from "./link.ts";
import { Lost } from "./lost.ts";
import { type Environment, readSettings, type Tier } from "./settings.ts";
import { type Stats, serverStats } from "./stats.ts";
import { type Lifetime, lifetime, type Opened, open, type Sealed, seal } from "./value.ts";

export type { Part, Stats };
/** A tier of the settings, or seconds. No value outlives it. */
export type Ttl = Tier | number;

export interface CacheOptions {
  /** Begins every key, so that several apps can share a Redis. */
  prefix?: string;
  /** What a request may wait for Redis, in milliseconds. */
  limitMs?: number;
  /** Further words of namespaces that must never be cached. */
  neverCached?: readonly string[];
  /** The share of a lifetime by which it may be shorter, so that what was stored together does not end together. */
  jitter?: number;
}

export interface CachedOptions<Args extends readonly unknown[]> {
  /** Its own: no other function may store there. */
  namespace: string;
  ttl: Ttl;
  /** The last part of the ttl, in which a value is still given while a new one is fetched; default: a fifth. */
  staleSeconds?: number;
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
}

/** Values are not cached beyond this many characters: sending them would hold up all others. */
const LARGEST_VALUE = 1_000_000;
const DEFAULT_LIMIT_MS = 20;
/** For what no request waits for, or only one that changes data. */
const PATIENT_LIMIT_MS = 1000;
const SCAN_COUNT = "1000";

/** Opens the cache that the environment speaks of. It connects by itself, and again whenever it must. */
export function openCache(env: Environment = process.env, options: CacheOptions = {}): Cache {
  return new Cache(env, options);
}

export class Cache {
  readonly #settings;
  readonly #prefix: string;
  readonly #jitter: number;
  readonly #never: readonly string[];
  readonly #link: Link | undefined;
  readonly #lost = new Lost();
  readonly #loads = new Flights();
  readonly #refreshes = new Flights();
  readonly #versions = new Map<string, number>();
  #hits = 0;
  #misses = 0;

  constructor(env: Environment, options: CacheOptions) {
    this.#settings = readSettings(env);
    this.#prefix = options.prefix ?? "propiq";
    this.#jitter = options.jitter ?? 0.1;
    this.#never = [...NEVER_CACHED, ...(options.neverCached ?? [])];
    const { server } = this.#settings;
    if (server === undefined) return;
    this.#link = new Link(server, {
      limitMs: options.limitMs ?? DEFAULT_LIMIT_MS,
      owes: () => this.#lost.some,
      probeKey: `${this.#prefix}:probe:${randomUUID()}`,
      onReturn: (redis) =>
        this.#lost.makeUpFor((pattern) => this.#remove(pattern, (command) => command(redis))),
    });
  }

  /**
   * Remembers what `fn` gives.
   * @throws TypeError or RangeError for a namespace that is taken, is none, or must never be cached
   */
  cached<Args extends readonly unknown[], Value>(
    fn: (...args: Args) => Promise<Value>,
    options: CachedOptions<Args>,
  ): Cached<Args, Value> {
    const { namespace, version = 1, key = (...args: Args) => args as readonly Part[] } = options;
    assertNamespace(namespace, this.#never);
    if (this.#versions.has(namespace)) throw new TypeError(`${namespace} is already a function's own`);
    this.#versions.set(namespace, version);
    const life = lifetime(this.#seconds(options.ttl), options.staleSeconds);
    const call = async (...args: Args): Promise<Value> => {
      const plain = plainName(namespace, key(...args));
      if (this.#link === undefined) return fn(...args);
      const load = () => fn(...args);
      const fetched = await this.#loads.join(plain, (flight) =>
        this.#fetch(plain, version, life, load, flight),
      );
      this.#countLookUp(fetched.hit);
      return fetched.copy();
    };
    const invalidate = (...args: Args) => this.delete(namespace, ...key(...args));
    return Object.assign(call, { invalidate });
  }

  /** @returns the value, or undefined where there is none to be had */
  async get<Value>(namespace: string, ...parts: Part[]): Promise<Value | undefined> {
    const plain = this.#named(namespace, parts);
    const found = await this.#read<Value>(plain, this.#versions.get(namespace) ?? 1);
    if (this.#link !== undefined) this.#countLookUp(found !== undefined);
    return found?.copy();
  }

  /** @returns whether it is in the cache now */
  async set(namespace: string, parts: readonly Part[], value: unknown, ttl: Ttl): Promise<boolean> {
    const plain = this.#named(namespace, parts);
    const sealed = seal(plain, value, lifetime(this.#seconds(ttl)), this.#jitter);
    return sealed === undefined
      ? false
      : await this.#write(plain, this.#versions.get(namespace) ?? 1, sealed);
  }

  /** Forgets one value. Never rejects: what cannot be done now is done before the cache is read again. */
  async delete(namespace: string, ...parts: Part[]): Promise<void> {
    await this.#forget(this.#named(namespace, parts), true);
  }

  /** Forgets a namespace, with those below it. It walks through the keys: not for every request. */
  async clear(namespace: string): Promise<void> {
    assertNamespace(namespace, this.#never);
    await this.invalidate(namespace);
  }

  /** Forgets all that fits a pattern: `user`, `user:*`, `user:42`, `user:4*`. It walks through the keys. */
  async invalidate(pattern: string): Promise<void> {
    await this.#forget(pattern, false);
  }

  /**
   * Calls functions before anybody asks, a few at a time, so that their values are there. Of no use without Redis:
   * then it does nothing, rather than ask the database for all at once.
   * @returns how many succeeded
   */
  async warm(calls: readonly (() => Promise<unknown>)[], atOnce = 4): Promise<number> {
    if (this.#link === undefined || !(await this.#link.ready(PATIENT_LIMIT_MS * 2))) return 0;
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

  /** Hits and misses of this process; keys and memory of the whole Redis, null where it does not tell. */
  async stats(): Promise<Stats> {
    const lookUps = this.#hits + this.#misses;
    const server = await this.#ask((redis) => serverStats(redis), PATIENT_LIMIT_MS / 4).catch(
      () => undefined,
    );
    return {
      keys: server?.keys ?? null,
      memoryUsedBytes: server?.memoryUsedBytes ?? null,
      memoryUsed: server?.memoryUsed ?? null,
      hits: this.#hits,
      misses: this.#misses,
      hitRate: lookUps === 0 ? null : Math.round((this.#hits / lookUps) * 10_000) / 10_000,
    };
  }

  async health(): Promise<CacheHealth> {
    const { enabled, problem, fingerprint } = this.#settings;
    const { hitRate, memoryUsed } = await this.stats();
    const off = enabled ? (problem ?? null) : "REDIS_ENABLED is false";
    return {
      enabled,
      connected: this.#link?.usable ?? false,
      hit_rate: hitRate,
      memory_used: memoryUsed,
      reason: this.#link === undefined ? off : this.#link.reason,
      fingerprint,
    };
  }

  close(): void {
    this.#link?.close();
  }

  #countLookUp(hit: boolean): void {
    if (hit) this.#hits += 1;
    else this.#misses += 1;
  }

  async #fetch<Value>(
    plain: string,
    version: number,
    life: Lifetime,
    load: () => Promise<Value>,
    flight: Flight,
  ): Promise<Opened<Value> & { hit: boolean }> {
    const found = await this.#read<Value>(plain, version);
    if (found !== undefined) {
      if (Date.now() > found.freshUntil) this.#refresh(plain, version, life, load);
      return { ...found, hit: true };
    }
    return { ...(await this.#load(plain, version, life, load, flight)), hit: false };
  }

  /** Nobody waits for it; where it fails, the next to ask tries again. */
  #refresh<Value>(plain: string, version: number, life: Lifetime, load: () => Promise<Value>): void {
    if (this.#refreshes.has(plain)) return;
    this.#refreshes.join(plain, (flight) => this.#load(plain, version, life, load, flight)).catch(() => {});
  }

  async #load<Value>(
    plain: string,
    version: number,
    life: Lifetime,
    load: () => Promise<Value>,
    flight: Flight,
  ): Promise<Opened<Value>> {
    const value = await load();
    const sealed = seal(plain, value, life, this.#jitter);
    // What JSON cannot hold is given as it is, and not kept.
    if (sealed === undefined) return { freshUntil: 0, copy: () => value };
    // Not waited for: the next command goes the same way, after it.
    if (flight.valid) void this.#write(plain, version, sealed);
    return open<Value>(plain, sealed.json) ?? { freshUntil: 0, copy: () => value };
  }

  /** Whatever Redis has against it is a miss. */
  async #read<Value>(plain: string, version: number): Promise<Opened<Value> | undefined> {
    const key = this.#key(plain, version);
    const text = await this.#ask((redis) => redis.get(key)).catch(() => null);
    if (text === null) return undefined;
    try {
      return open<Value>(plain, text);
    } catch {
      // Then the next answers on this connection are others' too.
      this.#link?.renew();
      return undefined;
    }
  }

  async #write(plain: string, version: number, { json, lifeMs }: Sealed) {
    if (json.length > LARGEST_VALUE) return false;
    const key = this.#key(plain, version);
    return await this.#ask((redis) => redis.set(key, json, "PX", lifeMs)).then(
      () => true,
      () => false,
    );
  }

  async #forget(pattern: string, exact: boolean): Promise<void> {
    const matches = exact ? (plain: string) => plain === pattern : fits(pattern);
    this.#loads.invalidate(matches);
    this.#refreshes.invalidate(matches);
    if (this.#link === undefined) return;
    try {
      await this.#remove({ text: pattern, exact }, (command) =>
        this.#ask(command, exact ? undefined : PATIENT_LIMIT_MS),
      );
    } catch {
      this.#lost.add({ text: pattern, exact });
      // A cache that may hold what was to be forgotten must not be read.
      this.#link.doubt("an invalidation was lost");
    }
  }

  /** @param ask what to send the commands with: within limits, or not */
  async #remove(
    { text, exact }: { text: string; exact: boolean },
    ask: <T>(command: (redis: Redis) => Promise<T>) => Promise<T>,
  ): Promise<void> {
    // One command for each key: together they might belong to several nodes of a cluster.
    const unlink = (keys: readonly string[]) =>
      ask((redis) => Promise.all(keys.map((key) => redis.unlink(key))));
    if (exact) {
      await unlink(this.#keysOf(text));
      return;
    }
    const [matches, match] = [fits(text), scanPattern(this.#prefix, text)];
    for (let cursor = "0"; ; ) {
      const [next, keys] = await ask((redis) => redis.scan(cursor, "MATCH", match, "COUNT", SCAN_COUNT));
      const found = keys.filter((key) => matches(plainOf(this.#prefix, key) ?? ""));
      if (found.length > 0) await unlink(found);
      cursor = next;
      if (cursor === "0") return;
    }
  }

  /** Also in the version before, which other instances still read while this one is being rolled out. */
  #keysOf(plain: string): string[] {
    const version = [...this.#versions].find(([namespace]) => plain.startsWith(`${namespace}:`))?.[1] ?? 1;
    return [version, version - 1].filter((each) => each > 0).map((each) => this.#key(plain, each));
  }

  #ask<T>(command: (redis: Redis) => Promise<T>, limitMs?: number): Promise<T> {
    return this.#link === undefined ? Promise.reject(new Error("off")) : this.#link.ask(command, limitMs);
  }

  #named(namespace: string, parts: readonly Part[]): string {
    assertNamespace(namespace, this.#never);
    return plainName(namespace, parts);
  }

  #key(plain: string, version: number): string {
    return `${this.#prefix}:v${version}:${plain}`;
  }

  #seconds(ttl: Ttl): number {
    return typeof ttl === "number" ? ttl : this.#settings.ttl[ttl];
  }
}
