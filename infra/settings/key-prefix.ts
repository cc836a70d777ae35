/** What begins every key of a stack's apps. Pure. */
import { DEFAULT_PREFIX } from "../contract/table.ts";

/** What the stack's last update recorded. */
export interface RecordedPrefix {
  isDeployed: boolean;
  /** Absent where the stack was deployed before prefixes were recorded. */
  prefix?: string;
}

/** A default never changes a deployed stack: its apps would lose every cached value. */
export function keyPrefixFor(
  { stack, keyPrefix }: { stack: string; keyPrefix?: string | undefined },
  recorded: RecordedPrefix,
): string {
  return keyPrefix ?? (recorded.isDeployed ? previousPrefix(recorded) : firstPrefix(stack));
}

/** @returns a line for a preview; undefined where the prefix stays */
export function prefixChange(prefix: string, recorded: RecordedPrefix): string | undefined {
  if (!recorded.isDeployed || prefix === previousPrefix(recorded)) return undefined;
  return `keyPrefix changes from ${previousPrefix(recorded)} to ${prefix}. The apps no longer find their cached values, as if the cache were emptied. The old values stay in Redis until they expire.`;
}

function previousPrefix({ prefix = DEFAULT_PREFIX }: RecordedPrefix): string {
  return prefix;
}

/** The default of a stack that has never been deployed. */
export function firstPrefix(stack: string): string {
  if (stack === "prod") return DEFAULT_PREFIX;
  const name = stack.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return `${DEFAULT_PREFIX}-${name}`.slice(0, 32).replace(/-+$/, "");
}
