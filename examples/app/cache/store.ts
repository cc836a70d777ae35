/** Values in Redis: reading, writing and forgetting them. */
import type { Redis } from "ioredis";
import { FARTHEST_LIMIT_MS } from "./distance.ts";
import { type Opened, open, type Sealed } from "./envelope.ts";
import { plainOf } from "./keys.ts";
import type { Link } from "./link.ts";
import type { Pattern } from "./lost.ts";
import { fits, scanPattern } from "./patterns.ts";

/** Sends commands: within limits, or not. */
type Ask = <T>(command: (redis: Redis) => Promise<T>) => Promise<T>;

/** Values are not cached beyond this many characters: sending them would hold up all others. */
export const LARGEST_VALUE = 1_000_000;
const SCAN_COUNT = "1000";

export class Store {
  readonly #prefix: string;
  readonly #versions: ReadonlyMap<string, number>;

  /** @param versions of the values, by namespace; 1 where there is none */
  constructor(prefix: string, versions: ReadonlyMap<string, number>) {
    this.#prefix = prefix;
    this.#versions = versions;
  }

  /** Whatever Redis has against it is a miss. */
  async read<Value>(link: Link, plain: string): Promise<Opened<Value> | undefined> {
    const key = this.#key(plain, this.#versionOf(plain));
    const text = await link.ask((redis) => redis.get(key)).catch(() => null);
    if (text === null) return undefined;
    try {
      return open<Value>(plain, text);
    } catch {
      // Then the next replies on this connection belong to others, too.
      link.renew();
      return undefined;
    }
  }

  /** @returns whether it is stored now */
  async write(link: Link, plain: string, { text, expiresMs }: Sealed): Promise<boolean> {
    if (text.length > LARGEST_VALUE) return false;
    const key = this.#key(plain, this.#versionOf(plain));
    return await link
      .ask((redis) => redis.set(key, text, "PX", expiresMs))
      .then(
        () => true,
        () => false,
      );
  }

  /** Removes within limits, for a request. @throws what Redis says against it */
  async remove(link: Link, pattern: Pattern): Promise<void> {
    await this.removeWith(pattern, (command) =>
      link.ask(command, pattern.exact ? undefined : FARTHEST_LIMIT_MS),
    );
  }

  async removeWith({ text, exact }: Pattern, ask: Ask): Promise<void> {
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

  /** Also in the versions beside it, which other instances read while a new version is being rolled out. */
  #keysOf(plain: string): string[] {
    const version = this.#versionOf(plain);
    return [version, version - 1, version + 1]
      .filter((each) => each > 0)
      .map((each) => this.#key(plain, each));
  }

  /** Of the innermost namespace that the name lies in. */
  #versionOf(plain: string): number {
    for (let end = plain.lastIndexOf(":"); end > 0; end = plain.lastIndexOf(":", end - 1)) {
      const version = this.#versions.get(plain.slice(0, end));
      if (version !== undefined) return version;
    }
    return 1;
  }

  #key(plain: string, version: number): string {
    return `${this.#prefix}:v${version}:${plain}`;
  }
}
