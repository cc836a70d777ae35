/** How far Redis is, and how long a request may wait for it. */

const NEAR_LIMIT_MS = 20;
export const FARTHEST_LIMIT_MS = 100;
const ROUND_TRIPS = 3;

export class Distance {
  readonly #fixed: number | undefined;
  #roundTripMs: number | undefined;

  /** @param fixedLimitMs what the app has chosen, in place of what fits the distance */
  constructor(fixedLimitMs?: number) {
    this.#fixed = fixedLimitMs;
  }

  /** The shortest one seen at a connect: it does not rise because Redis became slow. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  saw(roundTripMs: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs ?? roundTripMs, roundTripMs);
  }

  get limitMs(): number {
    if (this.#fixed !== undefined) return this.#fixed;
    return Math.min(FARTHEST_LIMIT_MS, Math.max(NEAR_LIMIT_MS, ROUND_TRIPS * (this.#roundTripMs ?? 0)));
  }

  /**
   * @param loadMs what the cached function takes; absent while that is unknown
   * @returns why the cache is not worth a look-up, if it is not
   */
  tooFarFor(loadMs: number | undefined): string | undefined {
    const limit = this.limitMs;
    if (this.#fixed !== undefined || limit <= NEAR_LIMIT_MS || loadMs === undefined || loadMs > limit) {
      return undefined;
    }
    const away = `Redis is ${Math.round(this.#roundTripMs ?? 0)} ms away`;
    return `not cached: it takes ${Math.round(loadMs)} ms, and ${away} (a look-up may take ${Math.round(limit)} ms)`;
  }

  document(): { roundTripMs?: number; limitMs: number } {
    const rounded = (ms: number) => Math.round(ms * 10) / 10;
    const known = this.#roundTripMs === undefined ? {} : { roundTripMs: rounded(this.#roundTripMs) };
    return { ...known, limitMs: rounded(this.limitMs) };
  }
}
