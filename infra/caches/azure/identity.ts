/** What distinguishes one cache from another, and one state of it from the next. */
import { createHash } from "node:crypto";
import type { Target } from "../../../check/target.ts";

/**
 * Changes with another cache, another size and another key: then the cache is proven again. The key itself cannot be
 * found from it: it has far more bits than the hash shows.
 */
export function identityOf(id: string, size: string, { password = "" }: Pick<Target, "password">): string {
  const key = createHash("sha256").update(password).digest("hex").slice(0, 8);
  return `${id.toLowerCase()} ${size} ${key}`;
}
