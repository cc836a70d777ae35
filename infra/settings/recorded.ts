/** What the stack's last update recorded, for defaults that must not change a deployed stack. */

import { getOrganization, getProject, getStack } from "@pulumi/pulumi/metadata.js";
import { invoke } from "@pulumi/pulumi/runtime/invoke.js";
import { isDryRun } from "@pulumi/pulumi/runtime/settings.js";
import * as log from "../log.ts";
import { keyPrefixFor, prefixChange, type RecordedPrefix } from "./key-prefix.ts";
import type { Settings } from "./settings.ts";

/** The engine answers from the stack's own state, as it does for a StackReference, without a resource in the state. */
const READ_OUTPUTS = "pulumi:pulumi:readStackOutputs";

/** The prefix of the stack's keys. A preview says what a change of it means. */
export async function stackKeyPrefix(settings: Settings): Promise<string> {
  const recorded = await recordedPrefix();
  const prefix = keyPrefixFor(settings, recorded);
  const change = prefixChange(prefix, recorded);
  if (change !== undefined && isDryRun()) await log.warn(change);
  return prefix;
}

/** The outputs of the stack's last update; none before the first. */
export async function recordedOutputs(): Promise<Readonly<Record<string, unknown>>> {
  const name = `${getOrganization()}/${getProject()}/${getStack()}`;
  const { outputs = {} } = (await invoke(READ_OUTPUTS, { name }, { async: true })) as {
    outputs?: Readonly<Record<string, unknown>>;
  };
  return outputs;
}

async function recordedPrefix(): Promise<RecordedPrefix> {
  const outputs = await recordedOutputs();
  const prefix = outputs["keyPrefix"];
  return {
    isDeployed: outputs["plan"] !== undefined,
    ...(typeof prefix === "string" ? { prefix } : {}),
  };
}
