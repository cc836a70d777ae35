/** A database that was made by hand: read before it is used, and never changed. */
import { advice } from "../../../base/advice.ts";
import { pulumi, setConfig } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { isNameOfSameStack, isNameOfSomeStack } from "../../plans/names.ts";
import type { UpstashApi } from "../../upstash/api.ts";
import type { AdoptedLook } from "../adopted.ts";
import { planOfDatabase, type UpstashWish } from "./wish.ts";

/** @throws PropiqError where there is none, or where a stack made it */
export async function lookAtAdopted(api: UpstashApi, id: string, wish: UpstashWish): Promise<AdoptedLook> {
  const { name: own, stack, planName, plan } = wish;
  const found = await api.get(id);
  const forget = pulumi(stack, "config", "rm", "--path", "upstash.adopt");
  if (found === undefined) {
    const known = (await api.list()).map((database) => `${database.id} (${database.name})`);
    throw new PropiqError(`propiq-cache:upstash.adopt: the account ${api.email} has no database ${id}.`, {
      code: "DATABASE_NOT_FOUND",
      next: advice(
        `Its databases: ${known.join(", ") || "none"}. Correct the id. Or remove the key, so that the stack makes a database.`,
        forget,
      ),
    });
  }
  if (isNameOfSameStack(found.name, own, plan)) {
    throw new PropiqError(
      `propiq-cache:upstash.adopt: ${found.name} is this stack's own database. Adopting it would remove it from the stack, which would delete it.`,
      { code: "ADOPT_REFUSED", next: advice("Remove the key.", forget) },
    );
  }
  if (isNameOfSomeStack(found.name)) {
    throw new PropiqError(
      `propiq-cache:upstash.adopt: ${found.name} was made by another stack, or by this one under another name. The stack whose state knows it may delete it.`,
      {
        code: "ADOPT_REFUSED",
        next: advice("Remove the key. To use it anyway, configure its URL (plan external).", forget),
      },
    );
  }
  const info = `The database ${found.name} is adopted: read and wired, never changed and never deleted.`;
  if (found.plan === undefined || found.plan === planName) return { info };
  const actual = planOfDatabase(found);
  const make = `To make a new database of plan ${plan} and leave ${found.name} unchanged, remove upstash.adopt.`;
  const next =
    actual === undefined
      ? advice(make, forget)
      : advice(
          `${make} To use it, set the plan that it has: ${actual}.`,
          forget,
          setConfig(stack, "plan", actual),
        );
  return {
    info,
    warning: {
      happened: `It has the plan ${found.plan} at Upstash, and not ${plan}. The price and size of ${plan} do not apply to it.`,
      next,
    },
  };
}
