/** What a stack's config asks for, as far as the rules ask: Pulumi hands a policy pack no config, so its file is read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { readYaml } from "../../base/yaml.ts";
import { untrustedHosts } from "../azure/cloud-host.ts";
import { PLANS, type Plan } from "../plans/catalogue.ts";
import { urnParts } from "../plans/urn.ts";
import type { Intent } from "./rules.ts";

/** @returns nothing where the stack has no config file, or one without a plan: then no rule can go by it */
export function intentOf(stack: string, root = PROJECT_ROOT): Intent | undefined {
  // Local stacks work with a copy.
  const files = [join(root, ".propiq", "stacks", `Pulumi.${stack}.yaml`), join(root, `Pulumi.${stack}.yaml`)];
  for (const file of files) {
    const config = configIn(file);
    if (config !== undefined) return intentIn(config);
  }
  return undefined;
}

/** The stack in the name of a resource: `urn:pulumi:STACK::…` */
export function stackOf(urn: string): string {
  return urnParts(urn).stack;
}

function configIn(file: string): Record<string, unknown> | undefined {
  try {
    const { config } = (readYaml(readFileSync(file, "utf8")) ?? {}) as { config?: Record<string, unknown> };
    return config ?? {};
  } catch {
    return undefined;
  }
}

function intentIn(config: Record<string, unknown>): Intent | undefined {
  const plans = (value: unknown): Plan[] =>
    (Array.isArray(value) ? value : [value]).flatMap((word) => PLANS.filter((plan) => plan === word));
  const [plan] = plans(config["propiq-cache:plan"]);
  if (plan === undefined) return undefined;
  const azure = config["propiq-cache:azure"] as { network?: { access?: unknown } } | undefined;
  return {
    plan,
    foreignHosts: untrustedHosts(config, process.env),
    standby: plans(config["propiq-cache:standby"]),
    privateAccess: azure?.network?.access === "private",
  };
}
