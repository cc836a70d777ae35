/** What the cache does for one function, counted since the process started. */
import { StoredBytes } from "./stored.ts";

/** An entry of `functions` in the health document. */
export interface FunctionHealth {
  namespace: string;
  hits: number;
  misses: number;
  /** Loads that failed. */
  errors: number;
  loads: number;
  loadMsMean?: number;
  loadMsMax?: number;
  /** Loads of a value that had been loaded before, and how many of them gave the same. */
  reloads: number;
  unchangedReloads: number;
  /** Calls answered with the last good value, beyond its lifetime. */
  graced: number;
  ttlSeconds: number;
  savedSeconds: number;
  /** Values that this process stored and that have not expired or been invalidated. */
  memoryBytes: number;
  /** Why the cache is not used for it, if it is not. */
  reason?: string;
}

/** Keys whose last value is known by its hash, to see whether a reload gave the same. */
const REMEMBERED = 5000;
/** Of the latest load in the recent mean. */
const WEIGHT = 0.2;

export class Counts {
  readonly namespace: string;
  readonly stored = new StoredBytes();
  readonly #hashes = new Map<string, string>();
  #hits = 0;
  #misses = 0;
  #errors = 0;
  #loads = 0;
  #reloads = 0;
  #unchangedReloads = 0;
  #graced = 0;
  #loadMs = 0;
  #loadMsMax = 0;
  #savedMs = 0;
  #recentLoadMs: number | undefined;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  get hits(): number {
    return this.#hits;
  }

  get misses(): number {
    return this.#misses;
  }

  /** Undefined before the first load. */
  get recentLoadMs(): number | undefined {
    return this.#recentLoadMs;
  }

  /** @param tookMs what the function took for this value, and is saved */
  hit(tookMs: number): void {
    this.#hits += 1;
    this.#savedMs += tookMs;
  }

  miss(graced = false): void {
    this.#misses += 1;
    if (graced) this.#graced += 1;
  }

  loaded(tookMs: number, failed = false): void {
    this.#loads += 1;
    if (failed) this.#errors += 1;
    this.#loadMs += tookMs;
    this.#loadMsMax = Math.max(this.#loadMsMax, tookMs);
    const known = this.#recentLoadMs ?? tookMs;
    this.#recentLoadMs = known + WEIGHT * (tookMs - known);
  }

  /** @param hash of the value that a load gave */
  gave(plain: string, hash: string): void {
    const before = this.#hashes.get(plain);
    this.#hashes.delete(plain);
    this.#hashes.set(plain, hash);
    if (this.#hashes.size > REMEMBERED) this.#forgetOldest();
    if (before === undefined) return;
    this.#reloads += 1;
    if (before === hash) this.#unchangedReloads += 1;
  }

  /** @param hash of a value found in the cache that is about to be loaded again */
  saw(plain: string, hash: string): void {
    if (!this.#hashes.has(plain)) this.#hashes.set(plain, hash);
  }

  /** @param reason why the cache is not used for it, if it is not */
  document(ttlSeconds: number, reason?: string): FunctionHealth {
    const times = {
      loadMsMean: rounded(this.#loadMs / this.#loads, 10),
      loadMsMax: rounded(this.#loadMsMax, 10),
    };
    return {
      namespace: this.namespace,
      hits: this.#hits,
      misses: this.#misses,
      errors: this.#errors,
      loads: this.#loads,
      ...(this.#loads === 0 ? {} : times),
      reloads: this.#reloads,
      unchangedReloads: this.#unchangedReloads,
      graced: this.#graced,
      ttlSeconds,
      savedSeconds: rounded(this.#savedMs / 1000, 1000),
      memoryBytes: this.stored.total(),
      ...(reason === undefined ? {} : { reason }),
    };
  }

  #forgetOldest(): void {
    const { value } = this.#hashes.keys().next();
    if (value !== undefined) this.#hashes.delete(value);
  }
}

const rounded = (value: number, parts: number) => Math.round(value * parts) / parts;
