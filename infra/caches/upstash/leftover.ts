/**
 * A database that no state knows of, though it has our name and region: a killed update, or a runner that was lost, made it.
 * If no app uses it, it is deleted. One that an app uses is never deleted. Names at Upstash need not be unique, and a
 * replacement has
 * the name of what it replaces: that one has another region, and stays.
 */

import { advice } from "../../../base/advice.ts";
import { pulumi, setConfig } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { isNameOfSomeStack } from "../../plans/names.ts";
import { commandsOn } from "../../refusals/refusal.ts";
import type { UpstashApi } from "../../upstash/api.ts";
import type { UpstashDatabase } from "../../upstash/database.ts";
import type { UpstashWish } from "./wish.ts";

export interface Surroundings {
  /** Who uses the cache at this host: apps and env files, in words. */
  usersOf: (host: string) => Promise<string[]>;
  /** Reports what is done. */
  say: (line: string) => Promise<void>;
}

/**
 * Before a database is made.
 * @throws PropiqError where what is there must stay, or where Upstash would refuse what is wanted
 */
export async function clearWay(
  api: UpstashApi,
  wish: UpstashWish,
  { usersOf, say }: Surroundings,
): Promise<void> {
  const all = await api.list();
  const leftovers = all.filter(
    ({ name, primaryRegion }) =>
      name === wish.name &&
      (!wish.isRegionChosen || (primaryRegion ?? wish.primaryRegion) === wish.primaryRegion),
  );
  for (const leftover of leftovers) {
    const users = await usersOf(leftover.host);
    if (users.length > 0) throw inUse(leftover, users, wish);
  }
  refuseSecondFree(
    all.filter((database) => !leftovers.includes(database)),
    wish,
  );
  for (const { id, name } of leftovers) {
    await say(
      `An earlier update left the database ${name} (${id}), and nothing uses it. It is deleted first.`,
    );
    await api.remove(id);
  }
}

function inUse({ id, name }: UpstashDatabase, users: readonly string[], { stack }: UpstashWish): PropiqError {
  return new PropiqError(
    `The database ${name} (${id}) exists and ${users.join(" and ")} uses it, but this stack's state does not know it. It was not changed.`,
    {
      code: "NOT_IN_STATE",
      next: advice(
        "If you have a copy of the state that knows it, import that copy. Otherwise choose another name, and delete the old database in the console (https://console.upstash.com) when nothing uses it.",
        pulumi(stack, "stack", "import", "--file", "BACKUP.json"),
        setConfig(stack, "name", "propiq-redis-2"),
      ),
    },
  );
}

/** "One free database per account" (upstash.com/docs/redis/howto/upgradedatabase): reported before anything is made. */
function refuseSecondFree(others: readonly UpstashDatabase[], { planName, stack }: UpstashWish): void {
  const taken = others.find(({ plan }) => plan === "free");
  if (planName !== "free" || taken === undefined) return;
  const { set } = commandsOn(stack);
  // One that a stack made must not be adopted: with another region or name it may be this stack's own.
  const isMade = isNameOfSomeStack(taken.name);
  throw new PropiqError(
    `The account already has its one free database: ${taken.name} (${taken.id}). Nothing was made.`,
    {
      code: "FREE_TAKEN",
      next: isMade
        ? advice(
            "A stack made it. With another name or region this stack needs a second one: pay by use with a budget of $5 a month, or a fixed price (plan upstash-fixed-250mb).",
            set("plan", "upstash-payg"),
            set("upstash.budget", "5"),
          )
        : advice(
            "Use that one as it is. Or pay by use (plan upstash-payg, with upstash.budget) or a fixed price (plan upstash-fixed-250mb).",
            set("upstash.adopt", taken.id),
          ),
    },
  );
}
