/** What presses against the limits of what runs now. */
import { plural } from "../../base/counted.ts";
import { CATALOGUE, dataMb, type Plan } from "../../infra/plans/catalogue.ts";
import type { Figures } from "./figures.ts";
import { grouped, rounded } from "./plans.ts";

/** From here on a limit is near: the share at which `verify` warns of memory, too. */
const NEAR_SHARE = 0.8;
/** Hits below which evictions are a loss: the guide's figure of a good rate. */
const GOOD_HIT_RATE = 0.7;

/** The limits of what runs now: the plan's where it has some, else the server's own. */
export function limitsOf({ limitMb, maxConnections }: Figures, plan: Plan | undefined) {
  const facts = plan === undefined ? undefined : CATALOGUE[plan];
  return {
    memoryMb: (plan === undefined ? null : dataMb(plan)) ?? limitMb,
    connections: facts?.maxConnections ?? maxConnections,
    ...(plan === undefined ? {} : CATALOGUE[plan].allowance),
  };
}

/** @returns each with its figure; none where all is well */
export function pressures(figures: Figures, plan: Plan | undefined): string[] {
  const limits = limitsOf(figures, plan);
  const rows = [
    [figures.peakMb, limits.memoryMb, (mb: number) => `${rounded(mb)} MB`, "memory"],
    [figures.connections, limits.connections, grouped, "connections"],
    [figures.commandsPerMonth, limits.commandsPerMonth, grouped, "commands a month"],
    [
      figures.trafficGbPerMonth,
      limits.trafficGbPerMonth,
      (gb: number) => `${rounded(gb)} GB`,
      "traffic a month",
    ],
  ] as const;
  const near = rows.flatMap(([used, limit, inWords, what]) =>
    used !== undefined && limit !== undefined && used >= limit * NEAR_SHARE
      ? [`${what}: ${inWords(used)} of ${inWords(limit)} (${Math.round((used / limit) * 100)}%)`]
      : [],
  );
  return [...near, ...evicting(figures)];
}

/** A full cache that evicts is at work, as long as what is asked for is still there. */
function evicting({ evictedKeys = 0, hitRate }: Figures): string[] {
  if (evictedKeys === 0 || (hitRate !== undefined && hitRate >= GOOD_HIT_RATE)) return [];
  const rate = hitRate === undefined ? "" : `, and ${Math.round(hitRate * 100)}% of look-ups find something`;
  return [`${grouped(evictedKeys)} ${plural(evictedKeys, "key")} evicted to make room${rate}`];
}

/** A cache that evicts would hold more than it does: at least its limit has to fit. */
export function demand(
  figures: Figures,
  plan: Plan | undefined,
  pressed: readonly string[],
): Partial<Figures> {
  const { memoryMb } = limitsOf(figures, plan);
  const { peakMb = 0, evictedKeys = 0 } = figures;
  if (pressed.length === 0 || evictedKeys === 0 || memoryMb === undefined) return {};
  return { peakMb: Math.max(peakMb, memoryMb) };
}
