/** What `advise` answers, from what was measured to what to do: one value that both formats show. */
import { forecastsOf } from "../../check/forecast/of-history.ts";
import { functionTotals } from "../../check/functions/totals.ts";
import { cacheOf, type PastRun } from "../../check/history/past-run.ts";
import type { Forecast } from "../../check/report.ts";
import type { Subject } from "../../check/subject.ts";
import { endpointOf, type Target } from "../../check/target.ts";
import type { Use } from "../../check/use/measure.ts";
import { type Namespace, namespaceOf, namespacesOf } from "../../check/use/namespaces.ts";
import type { Plan } from "../../infra/plans/catalogue.ts";
import { advise, type SizeAdvice } from "./advise.ts";
import type { Advice } from "./advisors.ts";
import { type Figures, figuresOf } from "./figures.ts";
import type { KeyFacts } from "./found.ts";
import { adviseFunction, type FunctionAdvice } from "./functions.ts";

/** Contract (schema 1): may grow, never change. */
export interface AdviceReport extends SizeAdvice {
  schema: 1;
  /** ISO 8601, UTC. */
  generatedAt: string;
  stack?: string;
  plan?: string;
  provider?: string;
  endpoint: string;
  /** Memory in MB (MiB), traffic in GB. */
  figures: Figures;
  /** By the sampled keys; the largest first. */
  namespaces: Namespace[];
  /** Lifetimes that fit better and functions that are not worth caching; from what the app counts in the history. */
  functions: FunctionAdvice[];
  /** What runs out at the present rate, by the history. */
  forecasts: Forecast[];
  sample: {
    keys: number;
    complete: boolean;
    /** What the server counts as hits of look-ups from now on, on the sample's account. */
    lookUps: number;
    refused: string[];
  };
  commandsUsed: number;
}

export interface Measured {
  subject: Subject & { target: Target };
  use: Use;
  runs: readonly PastRun[];
  /** What the stack says that a month costs. */
  statedUsd?: number | null;
  /** What the stack says of a cache that is not ours; the server's own limits where it does not. */
  stated?: Pick<Figures, "limitMb" | "maxConnections">;
  /** What was found beside the measured use. */
  also?: readonly Advice[];
  now: Date;
}

export function adviceReport({
  subject,
  use,
  runs,
  statedUsd,
  stated,
  also = [],
  now,
}: Measured): AdviceReport {
  const { stack, plan, provider, target } = subject;
  const endpoint = endpointOf(target);
  const cache = cacheOf({ endpoint, ...(stack === undefined ? {} : { stack }) });
  const own = runs
    .filter((run) => cacheOf(run) === cache)
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const figures = { ...figuresOf(use, own, now), ...stated };
  const namespaces = namespacesOf(use.sample, use.keys);
  const current = {
    ...(plan === undefined ? {} : { plan: plan as Plan }),
    ...(stack === undefined ? {} : { stack }),
    ...(statedUsd === undefined ? {} : { statedUsd }),
  };
  const functions = functionTotals(own).flatMap((totals) => adviseFunction(totals) ?? []);
  const memoryMb = figures.limitMb ?? subject.memoryLimitMb;
  const forecasts = forecastsOf(own, {
    ...(subject.commandsPerMonth === undefined ? {} : { commandsPerMonth: subject.commandsPerMonth }),
    ...(memoryMb === undefined ? {} : { memoryBytes: memoryMb * 1024 * 1024 }),
  });
  const { keys, complete, lookUps, refused } = use.sample;
  const sized = advise(figures, current, keyFacts(use, namespaces));
  return {
    ...{ schema: 1, generatedAt: now.toISOString() },
    ...(stack === undefined ? {} : { stack }),
    ...(plan === undefined ? {} : { plan }),
    ...(provider === undefined ? {} : { provider }),
    endpoint,
    ...sized,
    advice: [...sized.advice, ...also],
    figures,
    namespaces,
    functions,
    forecasts,
    sample: { keys: keys.length, complete, lookUps, refused },
    commandsUsed: use.commandsUsed,
  };
}

/** Namespaces named in one line at most. */
const NAMED = 3;

function keyFacts({ keys: all, sample: { keys } }: Use, namespaces: readonly Namespace[]): KeyFacts {
  const known = keys.filter(({ hasTtl }) => hasTtl !== undefined);
  const endless = known.filter(({ hasTtl, bytes }) => hasTtl === false && bytes !== undefined);
  const endlessBytes = endless.reduce((total, { bytes = 0 }) => total + bytes, 0);
  const largest = keys.reduce<KeyFacts["largest"]>(
    (most, { key, bytes = 0 }) =>
      bytes > (most?.bytes ?? 0) ? { namespace: namespaceOf(key), bytes } : most,
    undefined,
  );
  return {
    sampled: keys.length,
    ...(known.length === 0 ? {} : { withoutTtl: known.filter(({ hasTtl }) => hasTtl === false).length }),
    ...(endless.length === 0 ? {} : { endlessBytes: endlessBytes * Math.max(1, (all ?? 0) / keys.length) }),
    endless: namespaces
      .filter(({ name, withoutTtl = 0 }) => withoutTtl > 0 && name !== "")
      .slice(0, NAMED)
      .map(({ name, withoutTtl = 0 }) => `${name} ${withoutTtl}`),
    ...(largest === undefined ? {} : { largest }),
  };
}
