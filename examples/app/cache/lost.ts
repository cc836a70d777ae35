/** Invalidations that could not be sent. They are made up for before the cache is read again. */

export interface Pattern {
  text: string;
  /** The plain name of one value; else a pattern. */
  exact: boolean;
}

/** With more than these, whole namespaces are forgotten instead. */
const MOST = 1000;

export class Lost {
  readonly #patterns = new Map<string, Pattern>();

  get some(): boolean {
    return this.#patterns.size > 0;
  }

  add(pattern: Pattern): void {
    this.#patterns.set(`${pattern.exact} ${pattern.text}`, pattern);
    if (this.#patterns.size <= MOST) return;
    const namespaces = new Set(
      [...this.#patterns.values()].map(({ text }) => text.replace(/[:*].*$/s, "") || "*"),
    );
    this.#patterns.clear();
    for (const text of namespaces) this.#patterns.set(`false ${text}`, { text, exact: false });
  }

  /** @throws what `remove` throws; what is not done stays */
  async makeUpFor(remove: (pattern: Pattern) => Promise<void>): Promise<void> {
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      const [name, pattern] = next;
      await remove(pattern);
      this.#patterns.delete(name);
    }
  }

  #first(): [string, Pattern] | undefined {
    const { value } = this.#patterns.entries().next();
    return value;
  }
}
