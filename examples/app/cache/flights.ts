/** One load for each key at a time, however many ask for it. */

export interface Flight {
  /** False once the value was invalidated while it was being fetched: then it may be old, and is not kept. */
  valid: boolean;
  startedMs: number;
}

export interface Joined<T> {
  flight: Flight;
  result: Promise<T>;
}

export class Flights<T> {
  readonly #flying = new Map<string, Joined<T>>();
  /** Those that nobody new may join, and that still run. */
  readonly #all = new Map<Flight, string>();

  has(plain: string): boolean {
    return this.#flying.has(plain);
  }

  /** Joins the flight for this name, or starts one. */
  join(plain: string, start: (flight: Flight) => Promise<T>): Joined<T> {
    const underWay = this.#flying.get(plain);
    if (underWay !== undefined) return underWay;
    const flight: Flight = { valid: true, startedMs: performance.now() };
    const result = start(flight).finally(() => {
      this.#all.delete(flight);
      if (this.#flying.get(plain)?.flight === flight) this.#flying.delete(plain);
    });
    const joined = { flight, result };
    this.#flying.set(plain, joined);
    this.#all.set(flight, plain);
    return joined;
  }

  /** Who asks from now on gets a load of their own, begun after what made the values old. */
  invalidate(fits: (plain: string) => boolean): void {
    for (const [flight, plain] of this.#all) {
      if (!fits(plain)) continue;
      flight.valid = false;
      if (this.#flying.get(plain)?.flight === flight) this.#flying.delete(plain);
    }
  }
}
