/** How many bytes of values a process has stored, as far as they have not expired or been forgotten. */

/** Values known by name. Of those beyond, only the sum for each minute in which they end is kept. */
const REMEMBERED = 5000;
const MINUTE_MS = 60_000;

export class StoredBytes {
  readonly #named = new Map<string, { bytes: number; endsAt: number }>();
  readonly #nameless = new Map<number, number>();

  add(plain: string, bytes: number, expiresMs: number, now = Date.now()): void {
    this.#named.delete(plain);
    this.#named.set(plain, { bytes, endsAt: now + expiresMs });
    if (this.#named.size > REMEMBERED) this.#forgetOldestName();
  }

  remove(plain: string): void {
    this.#named.delete(plain);
  }

  removeAll(matches: (plain: string) => boolean): void {
    for (const plain of this.#named.keys()) if (matches(plain)) this.#named.delete(plain);
  }

  total(now = Date.now()): number {
    for (const [plain, { endsAt }] of this.#named) if (endsAt <= now) this.#named.delete(plain);
    for (const minute of this.#nameless.keys())
      if ((minute + 1) * MINUTE_MS <= now) this.#nameless.delete(minute);
    let bytes = 0;
    for (const each of this.#named.values()) bytes += each.bytes;
    for (const sum of this.#nameless.values()) bytes += sum;
    return bytes;
  }

  #forgetOldestName(): void {
    const [oldest] = this.#named;
    if (oldest === undefined) return;
    const [plain, { bytes, endsAt }] = oldest;
    this.#named.delete(plain);
    const minute = Math.floor(endsAt / MINUTE_MS);
    this.#nameless.set(minute, (this.#nameless.get(minute) ?? 0) + bytes);
  }
}
