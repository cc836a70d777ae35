/** A database that somebody made by hand: looked up before it is used, and never changed. */
import { PropiqError } from "../../errors.ts";
import { isNameOfSameStack } from "../../names.ts";
import type { UpstashApi } from "../../upstash/api.ts";
import type { UpstashWish } from "./wish.ts";

/**
 * @returns lines for the preview
 * @throws PropiqError where there is none, or where it is this stack's own
 */
export async function lookAtAdopted(api: UpstashApi, id: string, wish: UpstashWish): Promise<string[]> {
  const { name: own, stack, planName, plan } = wish;
  const found = await api.get(id);
  const forget = `npx propiq-cache pulumi config rm --path upstash.adopt --stack ${stack}`;
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
  const differs = found.plan !== undefined && found.plan !== planName;
  return [
    `The database ${found.name} is adopted: read and wired, never changed and never deleted.`,
    ...(differs
      ? [
          `It has the plan ${found.plan} at Upstash, and not ${plan}: what is said here of price and size is wrong for it.`,
        ]
      : []),
  ];
}
