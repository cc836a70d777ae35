/** What a preview says that an update would do, as far as it matters to a cache that is adopted. Pure. */

import { ACTION_GROUP, METRIC_ALERT, WORKBOOK } from "../../infra/alerts/tokens.ts";
import { urnParts } from "../../infra/plans/urn.ts";

/** One step of `pulumi preview --json`, as far as it is read. */
export interface Step {
  op: string;
  urn: string;
}

export interface Ownership {
  /** Resources that would be made, changed or deleted in the cloud: `delete azure-native:redis:Redis propiq-…`. */
  beyond: string[];
  /** Apps and files whose settings would be taken over. */
  takenOver: string[];
}

/** Only reads, and what is in the state alone. */
const HARMLESS: readonly string[] = ["same", "read", "refresh", "read-discard", "discard-replaced"];

/** @param steps of the preview */
export function ownershipIn(steps: readonly Step[]): Ownership {
  const named = steps.map(({ op, urn }) => ({ op, ...urnParts(urn) }));
  const changes = named.filter(({ op, type }) => !HARMLESS.includes(op) && !isOurs(type, op));
  const sinks = named.filter(({ op, type }) => /^(create|update)$/.test(op) && SINKS.includes(type));
  return {
    beyond: changes.map(({ op, type, name }) => `${op} ${type} ${name}`),
    takenOver: sinks.map(({ name }) => name),
  };
}

/** Made where the config has alerts. */
const WATCHES: ReadonlySet<string> = new Set([METRIC_ALERT, ACTION_GROUP, WORKBOOK]);
const SINKS: readonly string[] = ["propiq:index:AppSettings", "propiq:index:EnvFile"];

/** The stack, components and providers are not resources of a cloud; ours are settings and checks, but for a group. */
function isOurs(type: string, op: string): boolean {
  // What only watches the cache changes nothing about it.
  if (WATCHES.has(type) && op === "create") return true;
  if (/^pulumi:|^propiq:cache:/.test(type)) return true;
  if (type === "propiq:index:VerifiedCache") return true;
  return SINKS.includes(type) && /^(create|update)$/.test(op);
}
