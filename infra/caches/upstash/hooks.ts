/** What a preview says of a database at Upstash, and what an update does around it. */

import type { CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { cacheHooks, type Ending, type Explanation } from "../../hooks.ts";
import * as log from "../../log.ts";
import { CATALOGUE } from "../../plans/catalogue.ts";
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
    beforeCreate: () => [
      `A new database, ${wish.name} (${CATALOGUE[wish.plan].title}, ${wish.primaryRegion}): it starts empty, so that the app is slower until it has filled.`,
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

/** What it means that Upstash does not delete a database. */
export function explainEndFor(stack: string): (ending: Ending) => Promise<Explanation> {
  return async ({ name, urn, text }) => {
    const { explainRefusal } = await import("../../upstash/refusals.ts");
    const up = `./propiq-cache pulumi up --stack ${stack}`;
    const known = explainRefusal(text, { stack, name });
    if (known?.code === "GONE") {
      return {
        happened: `The database ${name} was deleted in Upstash's console before, and Pulumi's provider takes that for an error.`,
        hint: `Take it out of the state: ./propiq-cache pulumi state delete '${urn}' --stack ${stack}\nThen: ${up}`,
      };
    }
    return {
      happened: `Upstash has not deleted the database ${name}. The apps do not use it any more; it costs money until it is gone.`,
      hint: known?.hint ?? `Once more: ${up}`,
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
            `${wish.name} goes from plan ${from} to ${to}: it keeps its data and its address, and clients are disconnected for a second or two.`,
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
