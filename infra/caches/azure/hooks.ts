/** What a preview says of a cache in Azure, and what an update does around it. */

import type { CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { advice } from "../../../base/advice.ts";
import { type Command, commandLine, pulumi, removeConfig, setConfig } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { openArm } from "../../azure/arm.ts";
import { cloudOfStack } from "../../azure/of-stack.ts";
import type { AzureRefusalCode } from "../../azure/refusals.ts";
import { requireService, SERVICES } from "../../azure/services.ts";
import { cacheHooks, type Ending } from "../../hooks.ts";
import * as log from "../../log.ts";
import { CATALOGUE, monthlyUsd, type Plan } from "../../plans/catalogue.ts";
import type { Explanation, Refusal } from "../../refusals/refusal.ts";
import { distanceLines } from "../../regions/announce.ts";
import type { Settings } from "../../settings/settings.ts";
import { clearLeftover, removeFailed, type Wanted } from "./leftover.ts";
import { judgeResize } from "./resize.ts";
import { usersOf } from "./users.ts";
import { type AzureWish, cacheId } from "./wish.ts";

/** Of the resource that is the cache: the Redis, or the cluster. */

export function azureHooks(settings: Settings, wish: AzureWish): NonNullable<CustomResourceOptions["hooks"]> {
  const { apiVersion, making } = SERVICES[requireService(wish.plan)];
  const commands = {
    setPlan: (plan: Plan) => setConfig(wish.stack, "plan", plan),
    resizeByNewCache: removeConfig(wish.stack, "azure.resize"),
  };
  const withArm = async (name: string, work: typeof clearLeftover): Promise<void> => {
    const { subscriptionId, location, project, stack } = wish;
    const arm = await openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    const wanted: Wanted = {
      id: cacheId(wish, name),
      apiVersion,
      ...{ name, location, owner: { project, stack } },
      usersOf: (host) => usersOf(host, settings),
      say: (line) => log.warn(line),
    };
    await work(arm, wanted);
  };
  return cacheHooks({
    name: wish.plan,
    explain: explainFor(settings, wish),
    explainEnd: explainEndFor(settings, wish),
    beforeCreate: async () => [
      ...newCacheLines(wish, making, commands.setPlan),
      ...(await distanceLines(settings, { cloud: "azure", region: wish.location })),
    ],
    clearWay: () => withArm(wish.name, clearLeftover),
    beforeUpdate(from, to) {
      const judgement = judgeResize({ from, to }, wish.plan, commands);
      if (judgement === undefined) return [];
      if (!judgement.possible)
        throw new PropiqError(judgement.why, {
          code: "RESIZE_REFUSED",
          next: judgement.next,
        });
      return [`${wish.plan} in place: ${judgement.costs}`];
    },
    async repair({ provisioningState, name }) {
      if (provisioningState === "Failed" && typeof name === "string") await withArm(name, removeFailed);
    },
  });
}

/** What Azure's words mean around this cache. */
export function explainFor(
  settings: Settings,
  wish: AzureWish,
): (text: string) => Promise<Refusal<AzureRefusalCode> | undefined> {
  return async (text) => {
    const { explainRefusal } = await import("../../azure/refusals.ts");
    return explainRefusal(text, { ...wish, prefix: settings.name });
  };
}

/** Those that say what keeps a cache from being deleted; what others say is about caches that are made. */
const KEEPING: readonly AzureRefusalCode[] = ["LOCKED", "NOT_ALLOWED", "SIGN_IN_EXPIRED", "SIGN_IN_REFUSED"];

/** What it means that Azure does not delete a cache of this plan. */
export function explainEndFor(settings: Settings, wish: AzureWish): (ending: Ending) => Promise<Explanation> {
  return async ({ name, text }) => {
    const { explainRefusal } = await import("../../azure/refusals.ts");
    const found = explainRefusal(text, { ...wish, name, prefix: settings.name });
    const known = found !== undefined && KEEPING.includes(found.code) ? found : undefined;
    return {
      happened: `Azure did not delete the cache ${name}. The apps no longer use it. It remains and is billed until it is deleted.`,
      next: known?.next ?? advice("Update again.", pulumi(wish.stack, "up")),
    };
  };
}

/** What a user should know before a cache is made. */
export function newCacheLines(
  { plan, name, location }: Pick<AzureWish, "plan" | "name" | "location">,
  making: string,
  setPlan: (plan: Plan) => Command,
): string[] {
  const { title, retires } = CATALOGUE[plan];
  const lines = [
    `A new cache, ${name} (${title}, ${location}): Azure takes ${making}, and it starts empty, so that the app is slower until it has filled.`,
  ];
  if (retires !== undefined) {
    const { on, successor } = retires;
    lines.push(
      `Azure Cache for Redis retires on ${on}, and Azure may refuse a new one. Its successor is ${successor}, about $${monthlyUsd(successor)?.toFixed(2)} a month: ${commandLine(setPlan(successor))}`,
    );
  }
  return lines;
}
