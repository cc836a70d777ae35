/** Which Azure a stack means: its own config first, the stock provider's next, then the environment's. */

import { RunError } from "@pulumi/pulumi/errors.js";
import { getStack } from "@pulumi/pulumi/metadata.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { advice, adviceText } from "../../base/advice.ts";
import { program, setConfig } from "../../base/command.ts";
import { subscriptionOf } from "./subscription.ts";

/**
 * The subscription's id.
 * @param key the config key that would say so, for the message
 * @throws RunError if none is chosen
 */
export async function subscriptionOfStack(given: string | undefined, key: string): Promise<string> {
  const config = given ?? allConfig()["azure-native:subscriptionId"];
  const found = await subscriptionOf(config, process.env);
  if (found !== undefined) return found;
  const next = advice(
    "Sign in, set ARM_SUBSCRIPTION_ID, or write the subscription into the config.",
    program("az", "login"),
    setConfig(getStack(), key, "00000000-0000-0000-0000-000000000000"),
  );
  throw new RunError(`propiq-cache:${key}: no Azure subscription is chosen.\n${adviceText(next)}`);
}

/** Another cloud than the public one, where the stack's config names it; the environment's is found by itself. */
export function cloudOfStack(): { metadataHost?: string; environment?: string } {
  const config = allConfig();
  const metadataHost = config["azure-native:metadataHost"];
  const environment = config["azure-native:environment"];
  return {
    ...(metadataHost === undefined ? {} : { metadataHost }),
    ...(environment === undefined ? {} : { environment }),
  };
}
