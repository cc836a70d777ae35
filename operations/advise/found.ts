/** All that an advice is weighed from, and the size that it comes to. */
import type { Plan } from "../../infra/plans/catalogue.ts";
import type { Figures } from "./figures.ts";
import type { PlanFit } from "./plans.ts";
import { limitsOf } from "./pressure.ts";

export type Size = "too-small" | "fits" | "too-large" | "unknown";

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

export interface Found {
  figures: Figures;
  current: Current;
  /** What presses against a limit, each with its figure. */
  pressed: string[];
  cheapest: PlanFit | undefined;
  monthlyUsd: number | null;
  keys: KeyFacts;
}

/** A cent: less is rounding. */
const SAVING_USD = 0.01;

export function sizeOf({ figures, current: { plan }, pressed, cheapest, monthlyUsd }: Found): Size {
  if (pressed.length > 0) return "too-small";
  if (figures.peakMb === undefined || limitsOf(figures, plan).memoryMb === undefined) return "unknown";
  return saves(cheapest, monthlyUsd) ? "too-large" : "fits";
}

/** Whether the cheapest plan that fits costs less than what runs. */
export function saves(cheapest: PlanFit | undefined, monthlyUsd: number | null): cheapest is PlanFit {
  return (
    monthlyUsd !== null &&
    cheapest !== undefined &&
    cheapest.monthlyUsd !== null &&
    cheapest.monthlyUsd < monthlyUsd - SAVING_USD
  );
}
