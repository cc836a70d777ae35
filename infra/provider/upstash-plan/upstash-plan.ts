/**
 * `propiq:index:UpstashPlan`: the plan of an Upstash database, which Pulumi's Upstash provider has no input for. A new
 * database gets free or pay as you go, by the account's type (upstash.com/docs, developer API); this resource makes it the
 * plan that is wanted, and keeps database and data when the plan changes.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { advice, adviceText } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import type { UpstashApi } from "../../upstash/api.ts";
import { UPSTASH_PLANS, type UpstashDatabase, type UpstashPlanName } from "../../upstash/database.ts";
import { forgetDatabaseCommand } from "../../upstash/refusals.ts";
import type { InputFailure, Operation, ResourceType } from "../protocol/resource.ts";

export interface UpstashPlanInputs {
  /** As the API knows it, without the provider's prefix. */
  databaseId: string;
  plan: UpstashPlanName;
  /** Whole dollars a month, for pay as you go; it is throttled above. */
  budget?: number;
}
type UpstashPlanOutputs = Record<never, never>;

/** An upgrade takes 1 to 2 seconds (upstash.com/docs/redis/howto/upgradedatabase); patience for a slow day. */
const PATIENCE_MS = 120_000;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

export const upstashPlan: ResourceType<UpstashPlanInputs, UpstashPlanOutputs> = {
  type: "propiq:index:UpstashPlan",
  inputs: { databaseId: "string", plan: "string", budget: "number?" },
  outputs: {},
  secrets: [],
  replaceOn: ["databaseId"],

  refuse({ plan, budget }): InputFailure[] {
    const known = (UPSTASH_PLANS as readonly string[]).includes(plan);
    const whole = budget === undefined || (Number.isInteger(budget) && budget > 0);
    return [
      ...(known ? [] : [{ property: "plan", reason: `must be one of ${UPSTASH_PLANS.join(", ")}` }]),
      ...(whole ? [] : [{ property: "budget", reason: "must be a whole number of dollars, 1 or more" }]),
    ];
  },

  async create(inputs, operation) {
    await settle(await open(), inputs, operation);
    return { id: inputs.databaseId, outputs: {} };
  },

  async read(_id, state, operation) {
    const found = await (await open()).get(state.databaseId, operation.signal);
    if (found === undefined) {
      // The database's own refresh fails by it, and says only 404.
      operation.warn(wordsOfLost(state.databaseId, operation, true));
      return undefined;
    }
    // Where Upstash does not say which plan it is, what was recorded stands.
    const plan = found.plan ?? state.plan;
    const budget = state.budget === undefined ? undefined : (found.budget ?? state.budget);
    return { ...state, plan, ...(budget === undefined ? {} : { budget }) };
  },

  async update(_id, _state, inputs, operation) {
    await settle(await open(), inputs, operation);
    return {};
  },

  /**
   * A plan lives and ends with its database, which is deleted next. Where that does not exist, Pulumi's
   * provider will fail to
   * delete it, and nobody but this resource can say what to do: a destroy runs no program.
   */
  async delete(_id, { databaseId }, operation) {
    const isGone = await open()
      .then(async (api) => (await api.get(databaseId, operation.signal)) === undefined)
      .catch(() => false);
    // Whatever depended on it has gone before.
    if (isGone) operation.warn(wordsOfLost(databaseId, operation, false));
  },
};

function wordsOfLost(databaseId: string, { urn, stack }: Operation, dependents: boolean): string {
  const next = advice(
    "Remove it from the state, then run the same command again.",
    forgetDatabaseCommand(urn, stack, dependents),
  );
  return `The Upstash database ${databaseId} does not exist: it was deleted in the console, which Pulumi's provider reports as an error.\n${adviceText(next)}`;
}

/** Loaded when it is needed: a preview asks nothing. */
async function open(): Promise<UpstashApi> {
  const { openUpstash } = await import("../../upstash/api.ts");
  return openUpstash(process.env);
}

/** Asks for nothing that is so already, so that it can be repeated after any interruption. */
async function settle(api: UpstashApi, wanted: UpstashPlanInputs, operation: Operation): Promise<void> {
  const { databaseId, plan, budget } = wanted;
  const { signal, progress, warn } = operation;
  const before = await find(api, databaseId, operation);
  if (before.plan !== plan) {
    progress(
      `changing from ${before.plan ?? "another plan"} to ${plan}; clients are disconnected for a moment`,
    );
    signal.throwIfAborted();
    await api.changePlan(databaseId, plan, signal);
  }
  const after = await untilSettled(api, wanted, operation);
  if (after.plan === undefined) {
    warn(
      `Upstash took the plan ${plan}, and does not say in return which plan the database has. See its console.`,
    );
  }
  if (budget === undefined || after.budget === undefined || after.budget === budget) return;
  signal.throwIfAborted();
  await api.changeBudget(databaseId, budget, signal);
}

/** Until the database has the plan, or says nothing of its plan and is not being changed. */
async function untilSettled(
  api: UpstashApi,
  { databaseId, plan }: UpstashPlanInputs,
  operation: Operation,
): Promise<UpstashDatabase> {
  const { signal } = operation;
  const end = Date.now() + PATIENCE_MS;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    const found = await find(api, databaseId, operation);
    if (found.modifying === "" && (found.plan === plan || found.plan === undefined)) return found;
    if (Date.now() > end) throw notThere(found, plan);
    await sleep(pauseMs, undefined, { signal });
  }
}

async function find(
  api: UpstashApi,
  id: string,
  { signal, urn, stack }: Operation,
): Promise<UpstashDatabase> {
  const found = await api.get(id, signal);
  if (found !== undefined) return found;
  throw new PropiqError(`The Upstash database ${id} does not exist, so its plan cannot be set.`, {
    code: "DATABASE_NOT_FOUND",
    next: advice(
      "If it was deleted in the console, remove it from the state. The next update makes a new one.",
      forgetDatabaseCommand(urn, stack),
      pulumi(stack, "up"),
    ),
  });
}

function notThere({ name, plan }: UpstashDatabase, wanted: UpstashPlanName): PropiqError {
  return new PropiqError(
    `Upstash accepted the change of ${name} to plan ${wanted} ${PATIENCE_MS / 1000} s ago, and it still has ${plan ?? "another plan"}.`,
    {
      code: "UPSTASH_TIMEOUT",
      next: advice(
        "See the database in the console (https://console.upstash.com), then run the same command again.",
      ),
    },
  );
}
