/** The advices, one function each: what was found, what would be better, with the figures behind it. */

import { type Command, commandLine, isLocalStack, propiq, pulumi, setConfig } from "../../base/command.ts";
import { plural } from "../../base/counted.ts";
import { CATALOGUE, isLocal, type Plan } from "../../infra/plans/catalogue.ts";
import type { Figures } from "./figures.ts";
import { type Current, type Found, saves, sizeOf } from "./found.ts";
import { grouped, HEADROOM_SHARE, type PlanFit, rounded, usdAt } from "./plans.ts";
import { limitsOf } from "./pressure.ts";

export type AdviceCode =
  | "TOO_SMALL"
  | "TOO_LARGE"
  | "PLAN_ENDS"
  | "KEYS_WITHOUT_TTL"
  | "LARGE_KEY"
  | "CHEAPEST_PLAN"
  | "CACHE_FAR";

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

/** A value that takes a server as long to send as a thousand small ones. */
const LARGE_KEY_BYTES = 1024 * 1024;

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
    because: `Larger than needed: ${rounded(peakMb)} MB${share} at most, for ${usd(monthlyUsd ?? 0)} a month. The cheapest that fits is ${priced(cheapest)}.`,
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
    ...(stack === undefined
      ? {}
      : { commands: commandsTo(setConfig(stack, "plan", retires.successor), stack) }),
  };
};

const endlessKeys: Advisor = ({ figures: { keys, keysWithoutTtl }, keys: sample }) => {
  const count = keysWithoutTtl ?? sample.withoutTtl ?? 0;
  if (count === 0) return undefined;
  const of =
    keysWithoutTtl === undefined
      ? `${grouped(count)} of ${grouped(sample.sampled)} sampled ${plural(sample.sampled, "key")}`
      : `${grouped(count)} of ${grouped(keys ?? count)} ${plural(keys ?? count, "key")}`;
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

/** In the order in which they are reported. */
export const ADVISORS: readonly Advisor[] = [tooSmall, tooLarge, inACloud, planEnds, endlessKeys, largeKey];

/** More memory for a cache on this machine: so much that the peak takes its share of it, in steps of 50 MB. */
function moreMemory(figures: Figures, { current: { stack = "dev" } }: Found): Pick<Advice, "commands"> {
  const mb = Math.max(figures.peakMb ?? 0, figures.limitMb ?? 0) / HEADROOM_SHARE;
  const step = 50;
  return {
    commands: [setConfig(stack, "maxMemoryMb", String(Math.ceil(mb / step) * step)), propiq("dev")].map(
      commandLine,
    ),
  };
}

function move(to: PlanFit, { plan, stack }: Current, monthlyUsd: number | null): Partial<Advice> {
  return {
    plan: to.plan,
    monthlyDifferenceUsd: difference(to.monthlyUsd, monthlyUsd),
    ...(stack === undefined || plan === undefined
      ? {}
      : { commands: commandsTo(setConfig(stack, "plan", to.plan), stack) }),
  };
}

function commandsTo(change: Command, stack: string): string[] {
  return [
    ...(!isLocalStack(stack) ? [`export PULUMI_CONFIG_PASSPHRASE=…   # of stack ${stack}`] : []),
    ...[change, pulumi(stack, "preview"), pulumi(stack, "up")].map(commandLine),
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
