/** What a check by the clock takes of a plan that counts commands. Pure. */

import { counted } from "../../base/counted.ts";
import { shareInWords } from "../../check/words.ts";
import { CATALOGUE, PLANS } from "../../infra/plans/catalogue.ts";

/**
 * A line for the log.
 * @param commands that one check sent
 * @param runsAMonth as often as the schedule starts it; a failing one is made twice
 */
export function shareOfPlan(planName: string | undefined, commands: number, runsAMonth: number): string {
  const month = commands * runsAMonth;
  const words = `This check sends ${counted(commands, "command")}, ${thousands(month)} a month at ${counted(runsAMonth, "run")}`;
  const plan = PLANS.find((known) => known === planName);
  const limit = plan === undefined ? undefined : CATALOGUE[plan].allowance?.commandsPerMonth;
  if (limit === undefined) return `${words}; plan ${plan ?? "unknown"} has no limit on their number.`;
  return `${words}: ${shareInWords(month / limit)} of the ${thousands(limit)} of plan ${plan}.`;
}

function thousands(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}
