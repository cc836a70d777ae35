/** Who else is on a cache right now. */

import type { Others } from "../app/judge.ts";
import { othersIn } from "../app/look.ts";
import type { Target } from "../target.ts";
import { signedIn } from "./signed-in.ts";

/**
 * @param deadlineMs for all of it
 * @returns nothing where the cache does not report: it cannot be reached from here, or withholds CLIENT LIST
 */
export async function othersOn(target: Target, deadlineMs: number): Promise<Others | undefined> {
  return await signedIn(target, deadlineMs, async (connection) => {
    const [own, list] = await connection.exchange(["CLIENT", "ID"], ["CLIENT", "LIST"]);
    return typeof own === "number" && typeof list === "string" ? othersIn(list, own) : undefined;
  }).catch(() => undefined);
}
