/** The config of the stack that the program runs for, from Pulumi's runtime. */
import { RunError } from "@pulumi/pulumi/errors.js";
import { getProject, getStack } from "@pulumi/pulumi/metadata.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { distance } from "fastest-levenshtein";
import { ConfigError } from "./problems.ts";
import { parseSettings, type Settings } from "./settings.ts";

/** @throws RunError with every problem of the config: Pulumi prints it without a stack trace and stops */
export function stackSettings(): Settings {
  const namespace = `${getProject()}:`;
  refuseNearNamespaces(getProject());
  const config = Object.fromEntries(
    Object.entries(allConfig())
      .filter(([key]) => key.startsWith(namespace))
      .map(([key, value]) => [key.slice(namespace.length), value]),
  );
  // The names of the secret keys come from the language host, as the values do.
  const secretKeys: unknown = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
  const secrets = new Set(Array.isArray(secretKeys) ? secretKeys : []);
  try {
    return parseSettings(config, { stack: getStack(), isSecret: (key) => secrets.has(namespace + key) });
  } catch (error) {
    if (error instanceof ConfigError) throw new RunError(error.message);
    throw error;
  }
}

/** Keys of another namespace are other providers' own; one a slip away from ours would be passed over in silence. */
function refuseNearNamespaces(project: string): void {
  const slips = Object.keys(allConfig()).filter((key) => {
    const [namespace = ""] = key.split(":");
    return namespace !== project && distance(namespace, project) <= 2;
  });
  if (slips.length === 0) return;
  const lines = slips.map((key) => `  ${key}: did you mean ${project}:${key.slice(key.indexOf(":") + 1)}?`);
  throw new RunError(
    `The config of stack ${getStack()} has keys of a namespace that nobody reads; nothing was changed.\n${lines.join("\n")}`,
  );
}
