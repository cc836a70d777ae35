/** What an advice takes for granted, in words. */
import { counted, plural } from "../../base/counted.ts";
import { isIn, isLocal, type Plan } from "../../infra/plans/catalogue.ts";
import type { Figures } from "./figures.ts";
import type { Found } from "./found.ts";
import { grouped, HEADROOM_SHARE } from "./plans.ts";

export function assumptionsOf({ figures, current: { plan }, cheapest }: Found): string[] {
  const { peakOver, commandsPerMonth, connections } = figures;
  const isUpstash = (each: Plan | undefined) => each !== undefined && isIn("upstash", each);
  const crosses = isUpstash(cheapest?.plan) && !isUpstash(plan);
  return [
    ...(peakOver === undefined
      ? ["The server does not report how much memory it uses."]
      : [OVER[peakOver](figures)]),
    `A plan fits when the use takes at most ${HEADROOM_SHARE * 100}% of each of its limits; of Azure Managed Redis 20% of the memory are not for data.`,
    commandsPerMonth === undefined
      ? "Commands a month are not known (no count of an hour or more): plans that limit or bill them were not judged by that."
      : `A month is 30 days at the pace so far: ${grouped(commandsPerMonth)} ${plural(commandsPerMonth, "command")}.`,
    ...(connections === undefined ? [] : [`Connections are those of this moment: ${grouped(connections)}.`]),
    "Prices are list prices of the catalogue (docs/plans.md), without taxes and traffic.",
    ...(crosses
      ? [
          "Upstash has no region in Azure: from an App Service each look-up crosses clouds, which takes longer.",
        ]
      : []),
    ...(plan !== undefined && isLocal(plan)
      ? ["What was measured is a cache on this machine, not the use of many."]
      : []),
  ];
}

const OVER: Readonly<Record<NonNullable<Figures["peakOver"]>, (figures: Figures) => string>> = {
  now: () =>
    "The memory is that of this moment: the server does not report its peak. Ask at the busiest hour.",
  start: ({ uptimeSeconds }) =>
    `The peak is that since the server started${uptimeSeconds === undefined ? "" : `, ${days(uptimeSeconds)} ago`}: a longer life, or --history, says more.`,
  history: ({ runs = 0 }) =>
    `The peak is the largest of ${grouped(runs)} ${plural(runs, "run")} in the history, and of now.`,
};

function days(seconds: number): string {
  const [size, unit] =
    seconds >= 2 * 86_400
      ? ([86_400, "day"] as const)
      : seconds >= 7200
        ? ([3600, "hour"] as const)
        : ([60, "minute"] as const);
  const count = Math.floor(seconds / size);
  if (count === 0) return "less than a minute";
  return counted(count, unit);
}
