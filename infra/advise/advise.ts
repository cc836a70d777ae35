/** The right size of a cache, from what was measured of it and the catalogue. Never an advice without its figure. */
import { CATALOGUE, isLocal, type Plan } from "../catalogue.ts";
import type { Figures } from "./figures.ts";
import { ALLOWANCES, usableMb } from "./limits.ts";
import { counted, HEADROOM_SHARE, judgePlans, type PlanFit, rounded, usdAt } from "./plans.ts";

export type Size = "too-small" | "fits" | "too-large" | "unknown";
export type AdviceCode =
  | "TOO_SMALL"
  | "TOO_LARGE"
  | "PLAN_ENDS"
  | "KEYS_WITHOUT_TTL"
  | "LARGE_KEY"
  | "CHEAPEST_PLAN";

export interface Advice {
  code: AdviceCode;
  /** What was found and what would be better, with the figures behind it. */
  because: string;
  plan?: Plan;
  /** What the change adds to a month's costs, in US dollars; negative saves. Null where one of the two is unknown. */
  monthlyDifferenceUsd?: number | null;
  /** Lines to type. */
  commands?: string[];
}

/** What runs now. */
export interface Current {
  plan?: Plan;
  stack?: string;
  /** What the stack says that a month costs. */
  statedUsd?: number | null;
}

/** What the sample of keys adds. */
export interface KeyFacts {
  sampled: number;
  withoutTtl?: number;
  /** What those take, of all keys, by those of the sample. */
  endlessBytes?: number;
  /** Namespaces with keys that have no end, with their number in the sample, the largest first. */
  endless: string[];
  largest?: { namespace: string; bytes: number };
}

export interface SizeAdvice {
  size: Size;
  /** What a month costs now, at the measured use; null where nobody knows. */
  monthlyUsd: number | null;
  advice: Advice[];
  plans: PlanFit[];
  assumptions: string[];
}

/** From here on a limit is near: the share at which `verify` warns of memory, too. */
const NEAR_SHARE = 0.8;
/** Hits below which evictions are a loss: the guide's figure of a good rate. */
const GOOD_HIT_RATE = 0.7;
/** A value that takes a server as long to send as a thousand small ones. */
const LARGE_KEY_BYTES = 1024 * 1024;
/** A cent: less is rounding. */
const SAVING_USD = 0.01;

export function advise(figures: Figures, current: Current, keys: KeyFacts): SizeAdvice {
  const { plan } = current;
  const pressed = pressures(figures, plan);
  const need = { ...figures, ...demand(figures, plan, pressed) };
  const plans = judgePlans({ figures: need, ...(plan === undefined ? {} : { current: plan }) });
  const monthlyUsd = costOf(current, figures);
  const cheapest = plans.find((fit) => fit.fits && fit.monthlyUsd !== null);
  const found = { figures, current, pressed, cheapest, monthlyUsd, keys };
  return {
    size: sizeOf(found),
    monthlyUsd,
    advice: ADVISORS.flatMap((advisor) => advisor(found) ?? []),
    plans,
    assumptions: assumptionsOf(found),
  };
}

interface Found {
  figures: Figures;
  current: Current;
  /** What presses against a limit, each with its figure. */
  pressed: string[];
  cheapest: PlanFit | undefined;
  monthlyUsd: number | null;
  keys: KeyFacts;
}

/** The limits of what runs now: the plan's where it has some, else the server's own. */
function limitsOf({ limitMb, maxConnections }: Figures, plan: Plan | undefined) {
  const facts = plan === undefined ? undefined : CATALOGUE[plan];
  return {
    memoryMb: (plan === undefined ? null : usableMb(plan)) ?? limitMb,
    connections: facts?.maxConnections ?? maxConnections,
    ...(plan === undefined ? {} : ALLOWANCES[plan]),
  };
}

function pressures(figures: Figures, plan: Plan | undefined): string[] {
  const limits = limitsOf(figures, plan);
  const rows = [
    [figures.peakMb, limits.memoryMb, (mb: number) => `${rounded(mb)} MB`, "memory"],
    [figures.connections, limits.connections, counted, "connections"],
    [figures.commandsPerMonth, limits.commandsPerMonth, counted, "commands a month"],
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
  return [`${counted(evictedKeys)} keys evicted to make room${rate}`];
}

/** A cache that evicts would hold more than it does: at least its limit has to fit. */
function demand(figures: Figures, plan: Plan | undefined, pressed: readonly string[]): Partial<Figures> {
  const { memoryMb } = limitsOf(figures, plan);
  const { peakMb = 0, evictedKeys = 0 } = figures;
  if (pressed.length === 0 || evictedKeys === 0 || memoryMb === undefined) return {};
  return { peakMb: Math.max(peakMb, memoryMb) };
}

/** What a plan is billed by use costs at this use; what else the stack says. */
function costOf({ plan, statedUsd }: Current, figures: Figures): number | null {
  const measured = plan === undefined ? null : usdAt(plan, figures);
  return measured ?? statedUsd ?? null;
}

function sizeOf({ figures, current: { plan }, pressed, cheapest, monthlyUsd }: Found): Size {
  if (pressed.length > 0) return "too-small";
  if (figures.peakMb === undefined || limitsOf(figures, plan).memoryMb === undefined) return "unknown";
  return saves(cheapest, monthlyUsd) ? "too-large" : "fits";
}

function saves(cheapest: PlanFit | undefined, monthlyUsd: number | null): cheapest is PlanFit {
  return (
    monthlyUsd !== null &&
    cheapest !== undefined &&
    cheapest.monthlyUsd !== null &&
    cheapest.monthlyUsd < monthlyUsd - SAVING_USD
  );
}

type Advisor = (found: Found) => Advice | undefined;

const tooSmall: Advisor = (found) => {
  const { figures, current, pressed, cheapest, monthlyUsd } = found;
  if (pressed.length === 0) return undefined;
  const because = `Too small: ${pressed.join("; ")}.`;
  const { plan } = current;
  if (plan !== undefined && isLocal(plan))
    return { code: "TOO_SMALL", because, ...moreMemory(figures, found) };
  if (cheapest === undefined)
    return { code: "TOO_SMALL", because: `${because} No plan here is large enough.` };
  return {
    code: "TOO_SMALL",
    because: `${because} The cheapest that fits is ${priced(cheapest)}.`,
    ...move(cheapest, current, monthlyUsd),
  };
};

const tooLarge: Advisor = (found) => {
  const { figures, current, cheapest, monthlyUsd } = found;
  if (sizeOf(found) !== "too-large" || !saves(cheapest, monthlyUsd)) return undefined;
  const { memoryMb } = limitsOf(figures, current.plan);
  const { peakMb = 0 } = figures;
  const share =
    memoryMb === undefined ? "" : ` of ${rounded(memoryMb)} MB (${Math.round((peakMb / memoryMb) * 100)}%)`;
  return {
    code: "TOO_LARGE",
    because: `Larger than it need be: ${rounded(peakMb)} MB${share} at most, for ${usd(monthlyUsd ?? 0)} a month. The cheapest that fits is ${priced(cheapest)}.`,
    ...move(cheapest, current, monthlyUsd),
  };
};

/** Of a cache without a price, or on this machine: what it would need in a cloud. */
const inACloud: Advisor = (found) => {
  const { figures, current, cheapest, pressed, monthlyUsd } = found;
  const free = current.plan !== undefined && isLocal(current.plan);
  if ((monthlyUsd !== null && !free) || (pressed.length > 0 && !free)) return undefined;
  if (cheapest === undefined || figures.peakMb === undefined) return undefined;
  return {
    code: "CHEAPEST_PLAN",
    because: `The cheapest cloud plan for ${rounded(figures.peakMb)} MB at most is ${priced(cheapest)}.`,
    plan: cheapest.plan,
    monthlyDifferenceUsd: free ? cheapest.monthlyUsd : null,
  };
};

const planEnds: Advisor = ({ current: { plan, stack }, figures, monthlyUsd }) => {
  const retires = plan === undefined ? undefined : CATALOGUE[plan].retires;
  if (retires === undefined) return undefined;
  const after = usdAt(retires.successor, figures);
  return {
    code: "PLAN_ENDS",
    because: `${plan} ends on ${retires.on}. Its successor is ${retires.successor}, ${after === null ? "price unknown" : `${usd(after)} a month`}.`,
    plan: retires.successor,
    monthlyDifferenceUsd: difference(after, monthlyUsd),
    ...(stack === undefined ? {} : { commands: commandsTo(`plan ${retires.successor}`, stack) }),
  };
};

const endlessKeys: Advisor = ({ figures: { keys, keysWithoutTtl }, keys: sample }) => {
  const count = keysWithoutTtl ?? sample.withoutTtl ?? 0;
  if (count === 0) return undefined;
  const of =
    keysWithoutTtl === undefined
      ? `${counted(count)} of ${counted(sample.sampled)} sampled keys`
      : `${counted(count)} of ${counted(keys ?? count)} keys`;
  const where = sample.endless.length === 0 ? "" : ` (in the sample: ${sample.endless.join(", ")})`;
  const { endlessBytes } = sample;
  const size = endlessBytes === undefined ? "" : `, about ${rounded(endlessBytes / (1024 * 1024))} MB,`;
  return {
    code: "KEYS_WITHOUT_TTL",
    because: `${of}${size} never go by themselves${where}: give them one of CACHE_TTL_SHORT, CACHE_TTL_MEDIUM, CACHE_TTL_LONG, CACHE_TTL_DAY where the app writes them.`,
  };
};

const largeKey: Advisor = ({ keys: { largest } }) => {
  if (largest === undefined || largest.bytes < LARGE_KEY_BYTES) return undefined;
  const where = largest.namespace === "" ? "" : ` in ${largest.namespace}`;
  return {
    code: "LARGE_KEY",
    because: `One key${where} takes ${rounded(largest.bytes / (1024 * 1024))} MB: all others wait while the server sends it. Split it, or keep less in it.`,
  };
};

const ADVISORS: readonly Advisor[] = [tooSmall, tooLarge, inACloud, planEnds, endlessKeys, largeKey];

/** More memory for a cache on this machine: so much that the peak takes its share of it, in steps of 50 MB. */
function moreMemory(figures: Figures, { current: { stack = "dev" } }: Found): Pick<Advice, "commands"> {
  const mb = Math.max(figures.peakMb ?? 0, figures.limitMb ?? 0) / HEADROOM_SHARE;
  const step = 50;
  return {
    commands: [
      `npx propiq-cache pulumi config set maxMemoryMb ${Math.ceil(mb / step) * step} --stack ${stack}`,
      "npx propiq-cache dev",
    ],
  };
}

function move(to: PlanFit, { plan, stack }: Current, monthlyUsd: number | null): Partial<Advice> {
  return {
    plan: to.plan,
    monthlyDifferenceUsd: difference(to.monthlyUsd, monthlyUsd),
    ...(stack === undefined || plan === undefined ? {} : { commands: commandsTo(`plan ${to.plan}`, stack) }),
  };
}

/** A stack of a cloud has a passphrase that only its team knows. */
function commandsTo(change: string, stack: string): string[] {
  return [
    `export PULUMI_CONFIG_PASSPHRASE=…   # of stack ${stack}`,
    `npx propiq-cache pulumi config set ${change} --stack ${stack}`,
    `npx propiq-cache pulumi preview --stack ${stack}`,
    `npx propiq-cache pulumi up --stack ${stack}`,
  ];
}

function difference(to: number | null, from: number | null): number | null {
  return to === null || from === null ? null : Math.round((to - from) * 100) / 100;
}

function priced({ plan, monthlyUsd }: PlanFit): string {
  return `${plan}, ${usd(monthlyUsd ?? 0)} a month`;
}

export function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

const OVER: Readonly<Record<NonNullable<Figures["peakOver"]>, (figures: Figures) => string>> = {
  now: () => "The memory is that of this moment: the server does not tell its peak. Ask at the busiest hour.",
  start: ({ uptimeSeconds }) =>
    `The peak is that since the server started${uptimeSeconds === undefined ? "" : `, ${days(uptimeSeconds)} ago`}: a longer life, or --history, says more.`,
  history: ({ runs = 0 }) => `The peak is the largest of ${counted(runs)} runs in the history, and of now.`,
};

function days(seconds: number): string {
  const [size, unit] =
    seconds >= 2 * 86_400 ? [86_400, "days"] : seconds >= 7200 ? [3600, "hours"] : [60, "minutes"];
  return `${Math.floor(seconds / Number(size))} ${unit}`;
}

function assumptionsOf({ figures, current: { plan }, cheapest }: Found): string[] {
  const { peakOver, commandsPerMonth, connections } = figures;
  const provider = plan === undefined ? undefined : CATALOGUE[plan].provider;
  const crosses =
    cheapest !== undefined && CATALOGUE[cheapest.plan].provider === "upstash" && provider !== "upstash";
  return [
    ...(peakOver === undefined
      ? ["The server does not tell how much memory it uses."]
      : [OVER[peakOver](figures)]),
    `A plan fits when the use takes at most ${HEADROOM_SHARE * 100}% of each of its limits; of Azure Managed Redis 20% of the memory are not for data.`,
    commandsPerMonth === undefined
      ? "Commands a month are not known (no count of an hour or more): plans that limit or bill them were not judged by that."
      : `A month is 30 days at the pace so far: ${counted(commandsPerMonth)} commands.`,
    ...(connections === undefined ? [] : [`Connections are those of this moment: ${counted(connections)}.`]),
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
