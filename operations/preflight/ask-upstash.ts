/** The questions of a preflight to Upstash. Changes nothing. */

import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { isIn } from "../../infra/plans/catalogue.ts";
import { cloudName } from "../../infra/plans/names.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import { openUpstash } from "../../infra/upstash/api.ts";
import type { UpstashFacts } from "./judge-upstash.ts";

/** @returns nothing where the stack has nothing to do with Upstash */
export async function askUpstashFacts(
  settings: Settings,
  project: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<UpstashFacts | undefined> {
  const { name, stack, plan, standby } = settings;
  const isWanted = [plan, ...standby].some((each) => isIn("upstash", each));
  // Also if an earlier config used it: the update deletes what remains there.
  const mayLeave = env["UPSTASH_EMAIL"] !== undefined && env["UPSTASH_API_KEY"] !== undefined;
  if (!isWanted && !mayLeave) return undefined;
  const called = (email: string) => cloudName({ name, plan: "upstash-free", scope: email, project, stack });
  try {
    const api = openUpstash(env);
    return { email: api.email, name: called(api.email), databases: { value: await api.list(signal) } };
  } catch (error) {
    const email = env["UPSTASH_EMAIL"] ?? "";
    const facts = { email, name: called(email) };
    if (signal.aborted) {
      const again = advice("Run it again.", propiq("preflight", "--stack", stack));
      return { ...facts, databases: { why: "Upstash did not answer in time.", advice: again } };
    }
    if (!(error instanceof PropiqError)) throw error;
    return isWanted ? { ...facts, databases: { why: error.message, advice: error.next } } : undefined;
  }
}
