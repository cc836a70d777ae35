/** The config of the stack that the program runs for, from Pulumi's runtime. */
import { RunError } from "@pulumi/pulumi/errors.js";
import { getProject, getStack } from "@pulumi/pulumi/metadata.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { ConfigError } from "./problems.ts";
import { parseSettings, type Settings } from "./settings.ts";

/** @throws RunError with every problem of the config: Pulumi prints it without a stack trace and stops */
export function stackSettings(): Settings {
  const namespace = `${getProject()}:`;
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
