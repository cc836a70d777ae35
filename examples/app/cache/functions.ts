/** How a cached function is answered: from the cache, by a load, or in grace. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Counts } from "./counts.ts";
import type { Distance } from "./distance.ts";
import { copiesOf, isOver, jsonOf, type Lifetime, type Opened, seal } from "./envelope.ts";
import { type Flight, Flights } from "./flights.ts";
import type { Link } from "./link.ts";
import type { Pattern } from "./lost.ts";
import { LARGEST_VALUE, type Store } from "./store.ts";

interface Outcome<Value> {
  /** `passed`: given as it is; it cannot be kept, or the cache is not used for it. */
  kind: "hit" | "miss" | "graced" | "passed";
  copy: () => Value;
  tookMs: number;
}

export interface FunctionOptions {
  counts: Counts;
  life: Lifetime;
  loadLimitMs: number;
  jitter: number;
  store: Store;
  link: Link;
  distance: Distance;
  forget: (pattern: Pattern) => Promise<void>;
}

/** After a load failed in grace, in which the last good value is given without another try. */
const PAUSE_MS = 1000;
const MOST_PAUSES = 1000;

/** The calls of one cached function. */
export class CachedFunction<Value> {
  readonly #options: FunctionOptions;
  readonly #answers = new Flights<Outcome<Value>>();
  readonly #refreshes = new Flights<Outcome<Value>>();
  /** Until when no load is tried in grace, by key. */
  readonly #paused = new Map<string, number>();
  /** The keys of the loads that wait for the current code. */
  readonly #loading = new AsyncLocalStorage<readonly string[]>();
  #reported = false;

  constructor(options: FunctionOptions) {
    this.#options = options;
  }

  async call(plain: string, load: () => Promise<Value>): Promise<Value> {
    if (this.#answers.has(plain) && this.#waitsForCaller(plain)) return await load();
    const { result } = this.#answers.join(plain, (own) => this.#answer(plain, load, own));
    const { kind, copy, tookMs } = await result;
    if (kind === "hit") this.#options.counts.hit(tookMs);
    else if (kind !== "passed") this.#options.counts.miss(kind === "graced");
    return copy();
  }

  invalidate(matches: (plain: string) => boolean): void {
    this.#answers.invalidate(matches);
    this.#refreshes.invalidate(matches);
  }

  /** Whether the function calls itself for the same key. If it waited for that load, neither would ever end. */
  #waitsForCaller(plain: string): boolean {
    return this.#loading.getStore()?.includes(plain) ?? false;
  }

  async #answer(plain: string, load: () => Promise<Value>, flight: Flight): Promise<Outcome<Value>> {
    const { store, link, counts, distance, life } = this.#options;
    if (distance.tooFarFor(counts.recentLoadMs) !== undefined) {
      const value = await this.#timed(plain, load);
      return { kind: "passed", copy: () => value, tookMs: 0 };
    }
    const found = await store.read<Value>(link, plain);
    if (found === undefined) return await this.#load(plain, load, flight);
    const { copy, tookMs, hash } = found;
    if (!isOver(found)) {
      if (Date.now() > found.freshUntil) {
        counts.saw(plain, hash);
        // Nobody waits for it; where it fails, the next to ask tries again.
        this.#refresh(plain, load).result.catch(() => {});
      }
      return { kind: "hit", copy, tookMs };
    }
    counts.saw(plain, hash);
    // In an outage of Redis an invalidation may have been lost, also one of another process.
    const graceEnds = (found.endsAt ?? 0) + life.graceMs;
    if (Date.now() >= graceEnds || found.storedAt < link.returnedAt)
      return await this.#load(plain, load, flight);
    return await this.#inGrace(plain, load, flight, found);
  }

  async #inGrace(
    plain: string,
    load: () => Promise<Value>,
    flight: Flight,
    { copy }: Opened<Value>,
  ): Promise<Outcome<Value>> {
    const lastGood = { kind: "graced", copy, tookMs: 0 } as const;
    if (performance.now() < (this.#paused.get(plain) ?? 0)) return lastGood;
    if (this.#refreshes.has(plain) && this.#waitsForCaller(plain)) return lastGood;
    const running = this.#refresh(plain, load);
    const leftMs = this.#options.loadLimitMs - (performance.now() - running.flight.startedMs);
    try {
      return await within(running.result, leftMs);
    } catch {
      // Invalidated meanwhile: what the function gives, be it an error, but not what is no longer true.
      if (!flight.valid || !running.flight.valid) return await running.result;
      running.result.catch(() => {});
      if (this.#paused.size >= MOST_PAUSES) this.#paused.clear();
      this.#paused.set(plain, performance.now() + PAUSE_MS);
      return lastGood;
    }
  }

  #refresh(plain: string, load: () => Promise<Value>) {
    return this.#refreshes.join(plain, (flight) => this.#load(plain, load, flight));
  }

  async #load(plain: string, load: () => Promise<Value>, flight: Flight): Promise<Outcome<Value>> {
    const { store, link, counts, life, jitter, forget } = this.#options;
    const startMs = performance.now();
    const value = await this.#timed(plain, load);
    const json = jsonOf(value);
    if (json === undefined) {
      this.#report("JSON does not hold its value");
      return { kind: "passed", copy: () => value, tookMs: 0 };
    }
    const sealed = seal(plain, json, life, jitter, performance.now() - startMs);
    counts.gave(plain, sealed.hash);
    if (sealed.text.length > LARGEST_VALUE)
      this.#report(`its value has more than ${LARGEST_VALUE} characters`);
    // Not waited for: the next command uses the same connection, after it.
    else if (flight.valid) {
      void store.write(link, plain, sealed).then(async (isStored) => {
        if (isStored) counts.stored.add(plain, Buffer.byteLength(sealed.text), sealed.expiresMs);
        if (!flight.valid) await forget({ text: plain, exact: true });
      });
    }
    return { kind: "miss", copy: copiesOf<Value>(json), tookMs: 0 };
  }

  async #timed(plain: string, load: () => Promise<Value>): Promise<Value> {
    const startMs = performance.now();
    let failed = true;
    try {
      const value = await this.#loading.run([...(this.#loading.getStore() ?? []), plain], load);
      failed = false;
      return value;
    } finally {
      this.#options.counts.loaded(performance.now() - startMs, failed);
    }
  }

  #report(why: string): void {
    if (this.#reported) return;
    this.#reported = true;
    console.warn(`propiq-cache: ${this.#options.counts.namespace} is not cached: ${why}`);
  }
}

/** @throws what it throws, or an Error when the time is over */
async function within<T>(result: Promise<T>, limitMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("too slow")), Math.max(0, limitMs));
  try {
    return await Promise.race([result, promise]);
  } finally {
    clearTimeout(timer);
  }
}
