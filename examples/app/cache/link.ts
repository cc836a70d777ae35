/**
 * Redis behind time limits and a breaker: anyone who asks gets an answer within `limitMs`, or `Unavailable`. While
 * Redis
 * is away, slow or refuses, nobody waits for it at all; a probe of its own finds out when it is back.
 */
import { Redis, type RedisOptions } from "ioredis";
import type { Distance } from "./distance.ts";
import type { Server } from "./settings.ts";

/** There is no answer, or none in time: do without. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

export interface LinkOptions {
  /** Says what a request may wait for an answer. */
  distance: Distance;
  /** Read to see whether Redis is well. Nothing lies there. */
  probeKey: string;
  /** Done before anybody is let through again, with a Redis that answers. While it throws, nobody is. */
  onReturn: (redis: Redis) => Promise<void>;
  /** Whether that has to be done again, for what came up since. */
  owes: () => boolean;
}

/** Failures in a row after which it is taken to be away. One alone may be chance, as a value that takes long to send. */
const FAILURES = 3;
/** How often the state is looked at while it is away. */
const TICK_MS = 50;
/** Between two probes, at most; with what reconnecting takes, within two seconds of Redis' return. */
const LONGEST_PAUSE_MS = 800;
/** A connection on which nothing comes for so long is dead, and another is made. */
const DEAD_MS = 2000;
const CONNECT_MS = 2000;
const PINGS = 3;
const MIXED = "Redis' answers were out of order";

export class Link {
  readonly #redis: Redis;
  readonly #options: LinkOptions;
  /** Ends the waiting of each request that waits. */
  readonly #waiting = new Set<(why: Error) => void>();
  #usable = false;
  /** Whether an invalidation of another process may have been lost since it was last usable. */
  #outage = false;
  #returnedAt = 0;
  #failures = 0;
  #reason: string | null = "not connected yet";
  #closed = false;
  #watch: NodeJS.Timeout | undefined;
  #probe = { pending: false, sentMs: 0, notBeforeMs: 0, pauseMs: TICK_MS };
  /** When the status was last another, to find a handshake that hangs. */
  #statusSinceMs = 0;
  #status = "";

  constructor(server: Server, options: LinkOptions) {
    this.#options = options;
    this.#redis = new Redis(clientOptions(server));
    this.#redis.on("error", (error: Error) => {
      this.#reason = inWords(error);
      this.#outage = true;
    });
    this.#redis.on("close", () => this.#leave("the connection was closed"));
    this.#redis.on("ready", () => this.#probeNow());
    this.#startWatch();
  }

  /** Whether commands are let through. */
  get usable(): boolean {
    return this.#usable;
  }

  /** When Redis was back after its last outage, in ms since 1970; 0 before the first outage. */
  get returnedAt(): number {
    return this.#returnedAt;
  }

  /** Why they are not, without a value of the settings; null while they are. */
  get reason(): string | null {
    return this.#usable ? null : this.#reason;
  }

  /**
   * @param command sends one, or several at once
   * @param limitMs as an exception from the usual
   * @throws Unavailable, or what Redis says against it
   */
  async ask<T>(command: (redis: Redis) => Promise<T>, limitMs = this.#options.distance.limitMs): Promise<T> {
    if (!this.#usable) throw new Unavailable(this.#reason ?? "away");
    try {
      const answer = await this.#within(command(this.#redis), limitMs);
      this.#failures = 0;
      return answer;
    } catch (error) {
      this.#count(error);
      throw error;
    }
  }

  /** Lets nobody through until Redis has been seen to be well, and `onReturn` done. */
  doubt(why: string): void {
    // Else a probe is on its way, which does the same.
    if (!this.#usable) return;
    this.#leave(why);
    if (this.#redis.status === "ready") this.#probeNow();
  }

  /** Gives this connection up, whose answers cannot be trusted, and makes another. */
  renew(): void {
    this.#leave(MIXED);
    this.#redis.disconnect(true);
  }

  /** Resolves once commands are let through, or with false after `withinMs`. */
  async ready(withinMs: number): Promise<boolean> {
    const endMs = performance.now() + withinMs;
    while (!this.#usable && performance.now() < endMs) await new Promise((wake) => setTimeout(wake, TICK_MS));
    return this.#usable;
  }

  close(): void {
    this.#closed = true;
    this.#leave("closed");
    this.#redis.disconnect();
  }

  /** Late answers are dropped. With several in flight, the one that gives Redis up frees the others too. */
  #within<T>(answer: Promise<T>, limitMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        this.#waiting.delete(free);
      };
      const free = (why: Error) => {
        settle();
        reject(why);
      };
      // After a pause of this process, of any reason, timers come first and what has arrived is read only then.
      const timer = setTimeout(() => setImmediate(free, new Late(`no answer in ${limitMs} ms`)), limitMs);
      this.#waiting.add(free);
      answer.then(resolve, reject).finally(settle);
    });
  }

  #count(error: unknown): void {
    // Of one key or of writing only; those who want to read are served all the same.
    if (error instanceof Error && /^(WRONGTYPE|OOM|READONLY|MISCONF|NOPERM|CROSSSLOT)\b/.test(error.message))
      return;
    this.#failures += 1;
    if (this.#failures < FAILURES || !this.#usable) return;
    this.#outage = true;
    this.doubt(inWords(error));
  }

  #leave(why: string): void {
    // What ioredis said just before says more than that the connection was lost.
    if (this.#usable || this.#reason === null) this.#reason = why;
    this.#usable = false;
    this.#failures = 0;
    this.#probe.pauseMs = TICK_MS;
    this.#probe.notBeforeMs = 0;
    for (const free of this.#waiting) free(new Unavailable(why));
    this.#startWatch();
  }

  #startWatch(): void {
    clearInterval(this.#watch);
    if (this.#closed) return;
    this.#watch = setInterval(() => this.#look(), TICK_MS).unref();
  }

  #look(): void {
    const nowMs = performance.now();
    const { status } = this.#redis;
    if (status !== this.#status) {
      this.#status = status;
      this.#statusSinceMs = nowMs;
    }
    if (status === "ready") {
      if (!this.#probe.pending && nowMs >= this.#probe.notBeforeMs) this.#probeNow();
      else if (this.#probe.pending && nowMs - this.#probe.sentMs > DEAD_MS) this.#reconnect();
    }
    if (status === "end") void this.#redis.connect().catch(() => {});
    if (status === "connect" && nowMs - this.#statusSinceMs > DEAD_MS) this.#reconnect();
  }

  #reconnect(): void {
    this.#reason = "Redis does not answer";
    this.#outage = true;
    this.#statusSinceMs = performance.now();
    // None on the connection that ends; once it has, `#leave` allows the next.
    this.#probe = { ...this.#probe, pending: false, notBeforeMs: performance.now() + DEAD_MS };
    this.#redis.disconnect(true);
  }

  #probeNow(): void {
    const probe = { ...this.#probe, pending: true, sentMs: performance.now() };
    this.#probe = probe;
    void this.#examine().then((trouble) => {
      // Another one was sent in its place, on a new connection.
      if (this.#probe !== probe) return;
      probe.pending = false;
      probe.pauseMs = Math.min(probe.pauseMs * 2, LONGEST_PAUSE_MS);
      probe.notBeforeMs = performance.now() + probe.pauseMs;
      if (trouble !== null) {
        this.#reason = trouble;
        this.#outage = true;
        return;
      }
      if (this.#closed || this.#options.owes()) {
        probe.notBeforeMs = 0;
        return;
      }
      clearInterval(this.#watch);
      if (this.#outage) this.#returnedAt = Date.now();
      this.#outage = false;
      this.#usable = true;
      this.#reason = null;
    });
  }

  /** The shortest of some: one alone may have waited for this process. */
  async #pingMs(): Promise<number> {
    let shortest = Number.POSITIVE_INFINITY;
    for (let ping = 0; ping < PINGS; ping += 1) {
      const startMs = performance.now();
      await this.#redis.ping();
      shortest = Math.min(shortest, performance.now() - startMs);
    }
    return shortest;
  }

  /** @returns what is wrong with Redis, if anything */
  async #examine(): Promise<string | null> {
    try {
      if ((await this.#redis.get(this.#options.probeKey)) !== null) {
        this.#redis.disconnect(true);
        return MIXED;
      }
      const tookMs = await this.#pingMs();
      this.#options.distance.saw(tookMs);
      if (tookMs > this.#options.distance.limitMs) return `Redis takes ${Math.round(tookMs)} ms to answer`;
      await this.#options.onReturn(this.#redis);
      return this.#redis.status === "ready" ? null : "the connection was closed";
    } catch (error) {
      return inWords(error);
    }
  }
}

class Late extends Unavailable {}

function clientOptions({ tls, ...server }: Server) {
  return {
    ...server,
    // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    ...(tls ? { tls: { rejectUnauthorized: true } } : {}),
    // The older protocol needs no HELLO, which not all that stands before a Redis knows.
    protocol: 2,
    disableClientInfo: true,
    enableReadyCheck: false,
    // Anyone who cannot be answered now runs without the cache: nothing is kept, nothing sent a second time.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: 100,
    keepAlive: 10_000,
    retryStrategy: (times: number) => Math.min(50 * 2 ** times, LONGEST_PAUSE_MS),
    // After a failover the name leads to the new primary.
    reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
  } satisfies RedisOptions;
}

/** For the health document, which anybody may read: codes, no addresses and no texts of others. */
function inWords(error: unknown): string {
  if (error instanceof Late) return "Redis does not answer in time";
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined) return `Redis cannot be reached (${code})`;
  if (/limit exceeded|quota/i.test(error.message)) return "Redis' quota is used up";
  const [, reply] = /^([A-Z]{2,20})\b/.exec(error.message) ?? [];
  return reply === undefined ? "Redis cannot be reached" : `Redis answers ${reply}`;
}
