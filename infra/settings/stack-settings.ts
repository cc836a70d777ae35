/** The config of the stack that the program runs for, from Pulumi's runtime. */
import { RunError } from "@pulumi/pulumi/errors.js";
import { getProject, getStack } from "@pulumi/pulumi/metadata.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import { isDryRun } from "@pulumi/pulumi/runtime/settings.js";
import { explain } from "../../base/errors.ts";
import { hostNotTrusted, untrustedHosts } from "../azure/cloud-host.ts";
import * as log from "../log.ts";
import { ConfigError, problemLines } from "./problems.ts";
import { parseSettings, type Settings } from "./settings.ts";

/** @throws RunError with every error of the config: Pulumi prints it without a stack trace and stops */
export function stackSettings(): Settings {
  const namespace = `${getProject()}:`;
  const config = allConfig();
  const entries = Object.entries(config);
  refuseForeignHosts(config);
  const own = entries.filter(([key]) => key.startsWith(namespace));
  // The names of the secret keys come from the language host, as the values do.
  const secretKeys: unknown = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
  const secrets = new Set(Array.isArray(secretKeys) ? secretKeys : []);
  try {
    const settings = parseSettings(
      Object.fromEntries(own.map(([key, value]) => [key.slice(namespace.length), value])),
      {
        stack: getStack(),
        isSecret: (key) => secrets.has(namespace + key),
        otherKeys: entries.flatMap(([key]) => (key.startsWith(namespace) ? [] : [key])),
      },
    );
    warn(settings);
    return settings;
  } catch (error) {
    if (error instanceof ConfigError) throw new RunError(error.message);
    throw error;
  }
}

/** Before any plugin of Azure signs in. @throws RunError */
function refuseForeignHosts(config: Readonly<Record<string, string>>): void {
  const [key] = untrustedHosts(config, process.env);
  if (key !== undefined) throw new RunError(explain(hostNotTrusted(config[key] ?? "", key)));
}

/** In previews only: an `up` begins with one. */
function warn({ warnings, stack }: Settings): void {
  if (!isDryRun()) return;
  for (const warning of warnings) void log.warn(problemLines(warning, stack).join("\n"));
}
