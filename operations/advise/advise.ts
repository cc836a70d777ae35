/** The right size of a cache, from what was measured of it and the catalogue. Never an advice without its figure. */
import { ADVISORS, type Advice } from "./advisors.ts";
import { assumptionsOf } from "./assumptions.ts";
import type { Figures } from "./figures.ts";
import { type Current, type Found, type KeyFacts, type Size, sizeOf } from "./found.ts";
import { judgePlans, type PlanFit, usdAt } from "./plans.ts";
import { demand, pressures } from "./pressure.ts";

export interface SizeAdvice {
  size: Size;
  /** What a month costs now, at the measured use; null where nobody knows. */
  monthlyUsd: number | null;
  advice: Advice[];
  plans: PlanFit[];
  assumptions: string[];
}

export function advise(figures: Figures, current: Current, keys: KeyFacts): SizeAdvice {
  const { plan } = current;
  const pressed = pressures(figures, plan);
  const need = { ...figures, ...demand(figures, plan, pressed) };
  const plans = judgePlans({ figures: need, ...(plan === undefined ? {} : { current: plan }) });
  const monthlyUsd = costOf(current, figures);
  const cheapest = plans.find((fit) => fit.fits && fit.monthlyUsd !== null);
  const found: Found = { figures, current, pressed, cheapest, monthlyUsd, keys };
  return {
    size: sizeOf(found),
    monthlyUsd,
    advice: ADVISORS.flatMap((advisor) => advisor(found) ?? []),
    plans,
    assumptions: assumptionsOf(found),
  };
}

/** What a plan is billed by use costs at this use; what else the stack says. */
function costOf({ plan, statedUsd }: Current, figures: Figures): number | null {
  const measured = plan === undefined ? null : usdAt(plan, figures);
  return measured ?? statedUsd ?? null;
}
