/** Which plans a measured use fits into, with room to spare, and what each would cost. */
import {
  CATALOGUE,
  dataMb,
  isIn,
  monthlyUsd,
  PLANS,
  type Plan,
  useUsd,
} from "../../infra/plans/catalogue.ts";
import type { Figures } from "./figures.ts";

/** Of a limit, what the measured use may take: a plan that fits is not at its warning the day after. */
export const HEADROOM_SHARE = 0.7;

export interface PlanFit {
  plan: Plan;
  fits: boolean;
  /** What a month would cost; null where the measured use is not known. */
  monthlyUsd: number | null;
  /** Why it does not fit, each with its figure; empty where it does. */
  against: string[];
}

interface Need {
  figures: Figures;
  /** What runs now: what it has, another must have too. */
  current?: Plan;
}

/** Says why a plan does not do, or nothing. */
type Rule = (plan: Plan, need: Need) => string | undefined;

const memory: Rule = (plan, { figures: { peakMb } }) =>
  tooMuch(peakMb, dataMb(plan), (value) => `${rounded(value)} MB`, "for data");
const connections: Rule = (plan, { figures }) =>
  tooMuch(figures.connections, CATALOGUE[plan].maxConnections, grouped, "connections");
const commands: Rule = (plan, { figures }) =>
  tooMuch(figures.commandsPerMonth, CATALOGUE[plan].allowance?.commandsPerMonth, grouped, "commands a month");
const traffic: Rule = (plan, { figures }) =>
  tooMuch(
    figures.trafficGbPerMonth,
    CATALOGUE[plan].allowance?.trafficGbPerMonth,
    (value) => `${rounded(value)} GB`,
    "of traffic a month",
  );
const availability: Rule = (plan, { current }) =>
  current !== undefined && CATALOGUE[current].highAvailability && !CATALOGUE[plan].highAvailability
    ? `is not highly available, as ${current} is`
    : undefined;
const life: Rule = (plan, { current }) => {
  const { retires } = CATALOGUE[plan];
  return retires === undefined || plan === current ? undefined : `ends on ${retires.on}`;
};
const RULES: readonly Rule[] = [memory, connections, commands, traffic, availability, life];

/** @returns the plans of all clouds, those that fit first, the cheapest first */
export function judgePlans(need: Need): PlanFit[] {
  const fits = PLANS.filter((plan) => isIn("azure", plan) || isIn("upstash", plan)).map((plan): PlanFit => {
    const against = RULES.flatMap((rule) => rule(plan, need) ?? []);
    return { plan, fits: against.length === 0, monthlyUsd: usdAt(plan, need.figures), against };
  });
  const usd = (fit: PlanFit) => fit.monthlyUsd ?? Number.POSITIVE_INFINITY;
  return fits.toSorted((a, b) => Number(b.fits) - Number(a.fits) || usd(a) - usd(b));
}

/** What a month of a plan costs at the measured use; null where that is not known. */
export function usdAt(plan: Plan, { commandsPerMonth, peakMb }: Figures): number | null {
  const { price } = CATALOGUE[plan];
  if (price.kind !== "budget") return monthlyUsd(plan);
  return commandsPerMonth === undefined || peakMb === undefined
    ? null
    : Math.round(useUsd(price.use, { commandsPerMonth, dataMb: peakMb }) * 100) / 100;
}

function tooMuch(
  used: number | undefined,
  limit: number | null | undefined,
  inWords: (value: number) => string,
  what: string,
): string | undefined {
  if (used === undefined || limit === undefined || limit === null) return undefined;
  if (used <= limit * HEADROOM_SHARE) return undefined;
  return `${inWords(used)} of ${inWords(limit)} ${what} (${Math.round((used / limit) * 100)}%)`;
}

export function rounded(value: number): string {
  return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
}

export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
