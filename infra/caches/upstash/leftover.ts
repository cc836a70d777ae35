/**
 * A database that no state knows of, though it has our name and region: a killed update, or a runner that was lost, made it.
 * Nobody uses it, so it goes; one that somebody uses never does. Names at Upstash need not be unique, and a replacement has
 * the name of what it replaces: that one has another region, and stays.
 */
import { PropiqError } from "../../../base/errors.ts";
import { isNameOfSomeStack } from "../../plans/names.ts";
import type { UpstashApi } from "../../upstash/api.ts";
import type { UpstashDatabase } from "../../upstash/database.ts";
import type { UpstashWish } from "./wish.ts";

export interface Surroundings {
  /** Who uses the cache at this host: apps and env files, in words. */
  usersOf: (host: string) => Promise<string[]>;
  /** Told what is done. */
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
      name === wish.name && (primaryRegion ?? wish.primaryRegion) === wish.primaryRegion,
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
      `An earlier update left the database ${name} (${id}) behind, and nothing uses it: it is deleted first.`,
    );
    await api.remove(id);
  }
}

function inUse({ id, name }: UpstashDatabase, users: readonly string[], { stack }: UpstashWish): PropiqError {
  return new PropiqError(
    `The database ${name} (${id}) is there and ${users.join(" and ")} uses it, but this stack's state does not know it. It was left as it is.`,
    {
      hint: `Let another one be made beside it: ./propiq-cache pulumi config set name propiq-redis-2 --stack ${stack}\nand, once nothing uses the old one, delete it in the console: https://console.upstash.com\nor, where there is a copy of the state that knows it: ./propiq-cache pulumi stack import --file BACKUP.json --stack ${stack}`,
    },
  );
}

/** "One free database per account" (upstash.com/docs/redis/howto/upgradedatabase): told before anything is made. */
function refuseSecondFree(others: readonly UpstashDatabase[], { planName, stack }: UpstashWish): void {
  const taken = others.find(({ plan }) => plan === "free");
  if (planName !== "free" || taken === undefined) return;
  const set = (change: string) => `./propiq-cache pulumi config set ${change} --stack ${stack}`;
  // One that a stack made is not to be adopted; with another region or name it may well be this stack's own.
  const adopt = isNameOfSomeStack(taken.name)
    ? "A stack made it; with another name or region this stack needs a second one."
    : `Use that one as it is: ${set(`--path upstash.adopt ${taken.id}`)}`;
  throw new PropiqError(
    `The account already has its one free database: ${taken.name} (${taken.id}). Nothing was made.`,
    {
      hint: [
        adopt,
        `Pay by use, with a cap of $5 a month: ${set("plan upstash-payg")} && ${set("--path upstash.budget 5")}`,
        `or a fixed price: ${set("plan upstash-fixed-250mb")}`,
      ].join("\n"),
    },
  );
}
