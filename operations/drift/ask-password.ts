/**
 * Whether a cache still accepts what the state has wired into the apps. No refresh sees that: keys are regenerated and
 * passwords are reset without a change of any property. Reads only.
 */
import { PropiqError } from "../../base/errors.ts";
import { Fault } from "../../check/faults/fault.ts";
import type { Code } from "../../check/report.ts";
import type { Target } from "../../check/target.ts";
import { signedIn } from "../../check/use/signed-in.ts";
import { ArmError } from "../../infra/azure/arm.ts";
import { keyringOf } from "../rotate/azure-keys.ts";
import { openAzure, subscriptionFor } from "../stacks/azure.ts";
import { readStackConfig } from "../stacks/config-file.ts";
import { targetIn } from "../stacks/held.ts";
import type { StackState, StateResource } from "./state.ts";

/** How the password was refused; `accepted`; `unknown`: the cache could not be asked, which is not drift. */
export type PasswordSeen = "accepted" | "regenerated" | "refused" | "unknown";

const REFUSALS: ReadonlySet<Code> = new Set(["AUTH_WRONG", "AUTH_REQUIRED", "ACCESS_KEYS_DISABLED"]);
/** Milliseconds for one sign-in. */
const PATIENCE_MS = 5000;

/** The active cache in Azure, where its key is the one that the apps have. */
const AZURE_CACHES: ReadonlySet<string> = new Set([
  "azure-native:redis:Redis",
  "azure-native:redisenterprise:RedisEnterprise",
]);

/** @param settings as the last update gave them to the apps */
export async function askPassword(
  stack: string,
  settings: Readonly<Record<string, string>>,
  { resources }: StackState,
): Promise<PasswordSeen> {
  const target = targetIn(settings);
  if (target === undefined) return "unknown";
  const cache = resources.find(
    ({ type, outputs, condemned }) =>
      !condemned && AZURE_CACHES.has(type) && JSON.stringify(outputs).includes(target.host),
  );
  return (cache && (await compareKeys(stack, cache, target))) ?? (await trySignIn(target));
}

/** Works also for a cache that this machine does not reach. @returns nothing where Azure does not report the keys */
async function compareKeys(
  stack: string,
  { id }: StateResource,
  { password }: Target,
): Promise<PasswordSeen | undefined> {
  try {
    const config = await readStackConfig(stack);
    const keys = await keyringOf(await openAzure(config, await subscriptionFor(config)), id).list();
    return Object.values(keys).includes(password ?? "") ? "accepted" : "regenerated";
  } catch (error) {
    if (error instanceof ArmError || error instanceof PropiqError) return undefined;
    throw error;
  }
}

async function trySignIn(target: Target): Promise<PasswordSeen> {
  try {
    await signedIn(target, PATIENCE_MS, async () => {});
    return "accepted";
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return REFUSALS.has(error.code) ? "refused" : "unknown";
  }
}
