/** One load for each key at a time, however many ask for it. */

export interface Flight {
  /** False once the value was invalidated while it was being fetched: then it may be old, and is not kept. */
  valid: boolean;
}

export class Flights {
  readonly #flying = new Map<string, { flight: Flight; result: Promise<unknown> }>();
  /** Those that nobody new may join, and that still run. */
  readonly #all = new Map<Flight, string>();

  /** Joins the flight for this name, or starts one. */
  join<T>(plain: string, start: (flight: Flight) => Promise<T>): Promise<T> {
    const underWay = this.#flying.get(plain);
    // One name belongs to one function, and so to one type.
    if (underWay !== undefined) return underWay.result as Promise<T>;
    const flight: Flight = { valid: true };
    const result = start(flight).finally(() => {
      this.#all.delete(flight);
      if (this.#flying.get(plain)?.flight === flight) this.#flying.delete(plain);
    });
    this.#flying.set(plain, { flight, result });
    this.#all.set(flight, plain);
    return result;
  }

  has(plain: string): boolean {
    return this.#flying.has(plain);
  }

  /** Who asks from now on gets a load of their own, begun after what made the values old. */
  invalidate(fits: (plain: string) => boolean): void {
    for (const [flight, plain] of this.#all) {
      if (!fits(plain)) continue;
      flight.valid = false;
      this.#flying.delete(plain);
    }
  }
}
