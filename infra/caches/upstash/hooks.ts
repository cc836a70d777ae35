/** What a preview says of a database at Upstash, and what an update does around it. */

import type { CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { advice } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { cacheHooks, type Ending } from "../../hooks.ts";
import * as log from "../../log.ts";
import { CATALOGUE } from "../../plans/catalogue.ts";
import type { Explanation } from "../../refusals/refusal.ts";
import { distanceLines } from "../../regions/announce.ts";
import type { Settings } from "../../settings/settings.ts";
import { openUpstash } from "../../upstash/api.ts";
import { usersOf } from "../azure/users.ts";
import { clearWay } from "./leftover.ts";
import type { UpstashWish } from "./wish.ts";

type Hooks = NonNullable<CustomResourceOptions["hooks"]>;

/** Of the database itself. */
export function databaseHooks(settings: Settings, wish: UpstashWish): Hooks {
  return cacheHooks({
    name: "upstash",
    beforeCreate: async () => [
      `A new database, ${wish.name} (${CATALOGUE[wish.plan].title}, ${wish.primaryRegion}): it starts empty, so the app is slower until it has filled.`,
      ...(await distanceLines(settings, { cloud: "upstash", region: wish.primaryRegion })),
    ],
    clearWay: () =>
      clearWay(openUpstash(process.env), wish, {
        usersOf: (host) => usersOf(host, settings),
        say: (line) => log.warn(line),
      }),
    explain: (text, urn) => explained(text, wish, urn),
    explainEnd: explainEndFor(wish.stack),
  });
}

/** For a database that Upstash does not delete. */
export function explainEndFor(stack: string): (ending: Ending) => Promise<Explanation> {
  return async ({ name, urn, text }) => {
    const { explainRefusal } = await import("../../upstash/refusals.ts");
    const up = pulumi(stack, "up");
    const known = explainRefusal(text, { stack, name });
    if (known?.code === "GONE") {
      return {
        happened: `The database ${name} was already deleted in Upstash's console, which Pulumi's provider reports as an error.`,
        next: advice("Remove it from the state.", pulumi(stack, "state", "delete", urn), up),
      };
    }
    return {
      happened: `Upstash did not delete the database ${name}. The apps no longer use it. It remains and is billed until it is deleted.`,
      next: known?.next ?? advice("Update again.", up),
    };
  };
}

/** Of its plan. */
export function planHooks(wish: UpstashWish): Hooks {
  return cacheHooks({
    name: "upstash-plan",
    beforeUpdate: ({ plan: from }, { plan: to }) =>
      from === to
        ? []
        : [
            `${wish.name} changes from plan ${from} to ${to}: it keeps its data and its address, and clients are disconnected for a second or two.`,
          ],
    explain: (text, urn) => explained(text, wish, urn),
  });
}

async function explained(
  text: string,
  { stack, name }: UpstashWish,
  urn: string,
): Promise<Explanation | undefined> {
  const { explainRefusal } = await import("../../upstash/refusals.ts");
  return explainRefusal(text, { stack, name, urn });
}
