/** What a stack needs from Upstash, in Upstash's terms. Pure. */

import { advice } from "../../../base/advice.ts";
import { PropiqError } from "../../../base/errors.ts";
import { CATALOGUE, PLANS, type Plan, skuOf } from "../../plans/catalogue.ts";
import { cloudName } from "../../plans/names.ts";
import { commandsOn } from "../../refusals/refusal.ts";
import type { Settings } from "../../settings/settings.ts";
import type { UpstashDatabase, UpstashPlanName } from "../../upstash/database.ts";

/** @returns undefined where the catalogue does not have the plan */
export function planOfDatabase({ plan }: Pick<UpstashDatabase, "plan">): Plan | undefined {
  if (plan === undefined) return undefined;
  return PLANS.find((each) => skuOf("upstash", each) === plan);
}

export interface UpstashWish {
  /** Of the catalogue. */
  plan: Plan;
  planName: UpstashPlanName;
  stack: string;
  /** Of the database that this stack makes. */
  name: string;
  /** The id of one that another user made, to be used in its place. */
  adopt: string | undefined;
  primaryRegion: string;
  /** False: the config gives no region, and a database that exists stays where it is. */
  isRegionChosen: boolean;
  readRegions: readonly string[];
  /** Whole dollars a month; nothing where the plan has none. */
  budget: number | undefined;
}

export interface Account {
  /** The account's e-mail address. */
  email: string;
  /** The Pulumi project. */
  project: string;
  /** The region of a new database that the config gives none. */
  defaultRegion?: string;
}

const DEFAULT_REGION = "us-east-1";

/** @throws PropiqError for what the config's schema cannot know */
export function upstashWish(settings: Settings, plan: Plan, account: Account): UpstashWish {
  const { email, project, defaultRegion = DEFAULT_REGION } = account;
  const planName = skuOf("upstash", plan);
  if (planName === undefined) throw new Error(`${plan} is not a plan of Upstash`);
  const { stack, name, upstash } = settings;
  const { primaryRegion = defaultRegion, readRegions = [] } = upstash ?? {};
  if (readRegions.includes(primaryRegion)) {
    throw new PropiqError(
      `propiq-cache:upstash.readRegions: must not hold the primary region, ${primaryRegion}.`,
      {
        code: "CONFIG_INVALID",
        next: advice(
          "Remove it.",
          commandsOn(stack).set(
            "upstash.readRegions",
            JSON.stringify(readRegions.filter((region) => region !== primaryRegion)),
          ),
        ),
      },
    );
  }
  return {
    plan,
    planName,
    stack,
    name: cloudName({ name, plan, scope: email, project, stack }),
    // A standby database is always our own: the one that is adopted is the one in use.
    adopt: plan === settings.plan ? upstash?.adopt : undefined,
    primaryRegion,
    isRegionChosen: upstash?.primaryRegion !== undefined,
    readRegions: readRegions.toSorted(),
    budget: planName === "payg" ? budgetOf(settings, plan) : undefined,
  };
}

function budgetOf({ upstash, stack }: Settings, plan: Plan): number {
  const { price } = CATALOGUE[plan];
  const budget = upstash?.budget ?? (price.kind === "budget" ? price.defaultUsd : 0);
  if (Number.isInteger(budget) && budget >= 1) return budget;
  throw new PropiqError(
    `propiq-cache:upstash.budget: must be whole dollars, 1 or more (not ${budget}): Upstash accepts nothing else.`,
    {
      code: "CONFIG_INVALID",
      next: advice(
        "For example:",
        commandsOn(stack).set("upstash.budget", String(Math.max(1, Math.ceil(budget)))),
      ),
    },
  );
}
