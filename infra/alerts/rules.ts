/** The alert rules of a plan: a measure, and the words of the mail with the next command. Pure. */
import { adviceSentence, writeAdvice } from "../../base/advice.ts";
import { type Command, onStack } from "../../base/command.ts";
import { type AzureService, requireService, serviceOf } from "../azure/services.ts";
import { CATALOGUE, type Plan } from "../plans/catalogue.ts";
import {
  ALERT_KINDS,
  type AlertKind,
  connectionsThreshold,
  EVICTIONS_PER_SECOND,
  LOAD_PERCENT,
  MEASURES,
  MEMORY_PERCENT,
  type Measure,
} from "./measures.ts";

export interface AlertRule {
  kind: AlertKind;
  /** 0 critical, 1 error, 2 warning, 3 informational; of a cache nothing is critical, since apps live without it. */
  severity: 1 | 2 | 3;
  measure: Omit<Measure, "threshold">;
  /** It fires above it. */
  threshold: number;
  /** What a mail says of it, with the next command. */
  description: string;
}

/** What is said of a kind, whatever it is measured by. */
export interface Wording {
  severity: AlertRule["severity"];
  /** What is so of a cache of this plan: `has been …`. */
  what: (plan: Plan) => string;
  /** What it means for the app. */
  means: string;
  /** What to do next, without a full stop. */
  next: string;
  command: (stack: string) => Command;
}

const advise = (stack: string) => onStack(stack, "advise");
const verify = (stack: string) => onStack(stack, "verify", "--app");

const LOAD: Readonly<Record<AzureService, string>> = {
  azure: `has been busy for more than ${LOAD_PERCENT}% of the last 15 minutes`,
  "azure-managed": `has used more than ${LOAD_PERCENT}% of a node's processor for 15 minutes`,
};

export const WORDINGS: Readonly<Record<AlertKind, Wording>> = {
  memory: {
    severity: 3,
    what: () => `has been more than ${MEMORY_PERCENT}% full for 15 minutes`,
    means:
      "A full cache drops what was not read for longest, and the app gets slower. It can wait until tomorrow.",
    next: "See what fills it, and which plan fits",
    command: advise,
  },
  "server-load": {
    severity: 2,
    what: (plan) => LOAD[requireService(plan)],
    means: "Its answers get slow, and then time out.",
    next: "See how slow it is, and which plan fits",
    command: advise,
  },
  errors: {
    severity: 2,
    what: () =>
      "has met an error that Azure counts: a failover, lost data, or a client that does not read its answers",
    means:
      "The app may have lost its connections, and what was in the cache. Maintenance causes this too, and it ends by itself.",
    next: "See whether the app is well again",
    command: verify,
  },
  evictions: {
    severity: 3,
    what: () =>
      `has dropped more than ${EVICTIONS_PER_SECOND * 60} keys a minute for 15 minutes, to make room`,
    means: "The app asks its database for what the cache has dropped, and gets slower.",
    next: "See what fills it, and which plan fits",
    command: advise,
  },
  connections: {
    severity: 1,
    what: (plan) =>
      `has more than ${connectionsThreshold(plan)} of its ${CATALOGUE[plan].maxConnections} connections open`,
    means:
      "At the limit it refuses new ones, and the app runs without a cache. The usual cause is code that opens connections and does not close them. A restart of the app helps for a while.",
    next: "See how the app gets on",
    command: verify,
  },
};

/** @returns none for a plan that is not in Azure */
export function alertRules(plan: Plan, stack: string): AlertRule[] {
  const service = serviceOf(plan);
  if (service === undefined) return [];
  return ALERT_KINDS.flatMap((kind) => {
    const found = MEASURES[service][kind];
    if (found === undefined) return [];
    const { threshold, ...measure } = found;
    const { severity, ...wording } = WORDINGS[kind];
    const description = describe(wording, plan, stack);
    return [{ kind, severity, measure, threshold: threshold(plan), description }];
  });
}

function describe(
  { what, means, next, command }: Omit<Wording, "severity">,
  plan: Plan,
  stack: string,
): string {
  const steps = adviceSentence(writeAdvice({ say: `${next}.`, run: [command(stack)] }));
  return `The cache of stack ${stack} (${plan}) ${what(plan)}. ${means} ${steps}`;
}
