/** A database that somebody made by hand: looked up before it is used, and never changed. */
import { PropiqError } from "../../../base/errors.ts";
import { isNameOfSameStack, isNameOfSomeStack } from "../../plans/names.ts";
import type { UpstashApi } from "../../upstash/api.ts";
import type { AdoptedLook } from "../adopted.ts";
import { planOfDatabase, type UpstashWish } from "./wish.ts";

/** @throws PropiqError where there is none, or where a stack made it */
export async function lookAtAdopted(api: UpstashApi, id: string, wish: UpstashWish): Promise<AdoptedLook> {
  const { name: own, stack, planName, plan } = wish;
  const found = await api.get(id);
  const forget = `./propiq-cache pulumi config rm --path upstash.adopt --stack ${stack}`;
  if (found === undefined) {
    const known = (await api.list()).map((database) => `${database.id} (${database.name})`);
    throw new PropiqError(`propiq-cache:upstash.adopt: the account ${api.email} has no database ${id}.`, {
      hint: `Its databases: ${known.join(", ") || "none"}\nOr let one be made: ${forget}`,
    });
  }
  if (isNameOfSameStack(found.name, own, plan)) {
    throw new PropiqError(
      `propiq-cache:upstash.adopt: ${found.name} is this stack's own database; to adopt it would be to give it up, and then it would be deleted.`,
      { hint: `Take the key out: ${forget}` },
    );
  }
  if (isNameOfSomeStack(found.name)) {
    throw new PropiqError(
      `propiq-cache:upstash.adopt: ${found.name} was made by another stack, or by this one under another name: whoever's state knows it deletes it some day.`,
      { hint: `Take the key out: ${forget}\nTo use it all the same, name it by its URL: plan external.` },
    );
  }
  const info = `The database ${found.name} is adopted: read and wired, never changed and never deleted.`;
  if (found.plan === undefined || found.plan === planName) return { info };
  const actual = planOfDatabase(found);
  const stay =
    actual === undefined
      ? ""
      : `\nOr say what it is: ./propiq-cache pulumi config set plan ${actual} --stack ${stack}`;
  return {
    info,
    warning: `It has the plan ${found.plan} at Upstash, and not ${plan}: what is said here of price and size is wrong for it.\nFor a new database of plan ${plan}, with ${found.name} left as it is: ${forget}${stay}`,
  };
}
