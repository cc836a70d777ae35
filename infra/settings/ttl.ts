/** Lifetimes of cached values: the tiers of a stack, and whether they are in order. */
import { DEFAULT_TTL, type Lifetimes, type TtlTiers } from "../contract/table.ts";
import type { Problem } from "./problems.ts";
import type { RawSettings } from "./schema.ts";

const TIERS = ["short", "medium", "long", "day"] as const satisfies readonly (keyof TtlTiers)[];

export function lifetimesOf({ ttl }: RawSettings): Lifetimes {
  const tiers = Object.fromEntries(TIERS.map((tier) => [tier, ttl[tier] ?? DEFAULT_TTL[tier]]));
  return { ...(tiers as unknown as TtlTiers), ...(ttl.functions ? { functions: ttl.functions } : {}) };
}

/** Tiers that the stack sets both, in the wrong order. */
export function problemsOfTtl(raw: RawSettings): Problem[] {
  return misordered(raw).flatMap(({ isDefault, ...problem }) => (isDefault ? [] : [problem]));
}

/** A tier that the stack sets, in the wrong order with one that it leaves at its default. */
export function warningsOfTtl(raw: RawSettings): Problem[] {
  return misordered(raw).flatMap(({ isDefault, ...problem }) => (isDefault ? [problem] : []));
}

function misordered(raw: RawSettings): (Problem & { isDefault: boolean })[] {
  const seconds = lifetimesOf(raw);
  return TIERS.slice(1).flatMap((longer, index) => {
    const shorter = TIERS[index] ?? "short";
    if (seconds[shorter] <= seconds[longer]) return [];
    const isSet = raw.ttl[longer] !== undefined;
    return [
      {
        key: `ttl.${raw.ttl[shorter] === undefined ? longer : shorter}`,
        words:
          raw.ttl[shorter] === undefined
            ? `must be at least ttl.${shorter}, which is ${seconds[shorter]} (its default)`
            : `must be at most ttl.${longer}, which is ${seconds[longer]}${isSet ? "" : " (its default)"}`,
        isDefault: !isSet || raw.ttl[shorter] === undefined,
      },
    ];
  });
}
