/** The commands that an app sends to Redis, by time: whether it uses its cache. */

/** Commands that set up or watch a connection. They say nothing about the use of the cache. */
const HOUSEKEEPING: ReadonlySet<string> = new Set(
  "AUTH CLIENT CLUSTER COMMAND CONFIG ECHO HELLO INFO PING QUIT READONLY RESET ROLE SELECT SENTINEL".split(
    " ",
  ),
);

export class Traffic {
  readonly #all: number[] = [];
  readonly #data: number[] = [];

  /** @param atMs on the clock of `performance.now()`, never before an earlier one */
  record(name: string, atMs: number): void {
    this.#all.push(atMs);
    if (!HOUSEKEEPING.has(name)) this.#data.push(atMs);
  }

  /** Commands of any kind from `fromMs` on and before `toMs`. */
  count(fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY): number {
    return this.all(fromMs, toMs).length;
  }

  /** When they were sent. */
  all(fromMs: number, toMs = Number.POSITIVE_INFINITY): number[] {
    return between(this.#all, fromMs, toMs);
  }

  /** When commands that read or write values were sent. */
  data(fromMs: number, toMs = Number.POSITIVE_INFINITY): number[] {
    return between(this.#data, fromMs, toMs);
  }
}

function between(times: readonly number[], fromMs: number, toMs: number): number[] {
  const from = times.findLastIndex((time) => time < fromMs) + 1;
  return times.slice(from).filter((time) => time < toMs);
}
