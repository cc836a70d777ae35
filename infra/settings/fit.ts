/** Which keys fit which plan. Pure. */
import { isIn, isLocal, type Plan } from "../plans/catalogue.ts";
import type { Problem } from "./problems.ts";

const isExternal = (plan: Plan) => isIn("elsewhere", plan);

/** Keys that belong to some plans only, and the words for the others. */
const BELONGS: Readonly<Record<string, { fits: (plan: Plan) => boolean; words: string }>> = {
  port: {
    fits: isLocal,
    words: "belongs to the plans docker and native; other caches come with their own port",
  },
  maxMemoryMb: {
    fits: isLocal,
    words: "belongs to the plans docker and native; other caches have the size of their plan",
  },
  localPassword: {
    fits: isLocal,
    words: "belongs to the plans docker and native",
  },
  url: {
    fits: isExternal,
    words: "belongs to the plan external; other plans make their own cache",
  },
  external: { fits: isExternal, words: "belongs to the plan external" },
  azure: { fits: (plan) => !isLocal(plan), words: "does not fit a cache on this machine" },
  upstash: { fits: (plan) => !isLocal(plan), words: "does not fit a cache on this machine" },
  alerts: { fits: (plan) => !isLocal(plan), words: "does not fit a cache on this machine" },
  keySlot: {
    fits: (plan) => !isLocal(plan),
    words: "does not fit a cache on this machine, which has no keys",
  },
  app: {
    fits: (plan) => !isLocal(plan),
    words: "does not fit a cache on this machine: an App Service cannot reach it; local plans write envFile",
  },
};

export function problemsOfFit(plan: Plan, input: Readonly<Record<string, unknown>>): Problem[] {
  const misfits = Object.entries(BELONGS)
    .filter(([key, { fits }]) => key in input && !fits(plan))
    .map(([key, { words }]) => ({ key, words: `${words} (plan is ${plan})` }));
  const missing =
    isExternal(plan) && !("url" in input)
      ? [{ key: "url", words: "is missing: plan external needs the URL of the cache, as a secret" }]
      : [];
  return [...misfits, ...missing];
}
