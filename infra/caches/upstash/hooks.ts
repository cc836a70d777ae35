/** What a preview says of a database at Upstash, and what an update does around it. */
import * as log from "@pulumi/pulumi/log/index.js";
import type { CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { CATALOGUE } from "../../catalogue.ts";
import { cacheHooks, type Explanation } from "../../hooks.ts";
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
    explain: (text) => explained(text, wish),
  });
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
    explain: (text) => explained(text, wish),
  });
}

async function explained(text: string, { stack, name }: UpstashWish): Promise<Explanation | undefined> {
  const { explainRefusal } = await import("../../upstash/refusals.ts");
  return explainRefusal(text, { stack, name });
}
