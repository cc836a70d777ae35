/** What a cache in the cloud is called. */
import { createHash } from "node:crypto";
import { familyOf, isLocal, PLANS, type Plan } from "./catalogue.ts";

export interface Naming {
  /** The stack's `name`: 1 to 24 of a-z, 0-9 and inner hyphens. */
  name: string;
  plan: Plan;
  /** Who pays: the Azure subscription's id, or the Upstash account. */
  scope: string;
  /** The Pulumi project. */
  project: string;
  stack: string;
}

/**
 * `<name>-<family>-<hash8>`, at most 53 characters. The hash is that of scope, project and stack: Azure's names are
 * unique in the world, and two stacks of one subscription must not meet. It never depends on the time or on being the
 * active plan, so the same config finds the same cache again.
 */
export function cloudName({ name, plan, scope, project, stack }: Naming): string {
  // Azure refuses two hyphens in a row. Subscription ids come in either case.
  const prefix = name.replace(/-{2,}/g, "-");
  const identity = [scope.toLowerCase(), project, stack].join("\0");
  const hash = createHash("sha256").update(identity).digest("hex").slice(0, 8);
  return `${prefix}-${familyOf(plan)}-${hash}`;
}

/**
 * Whether a name is that of the same stack's cache of the same family, be it of a time when the stack's `name` was
 * another one.
 * @param own as cloudName gives it for the plan
 */
export function isNameOfSameStack(candidate: string, own: string, plan: Plan): boolean {
  const hash = own.slice(own.lastIndexOf("-"));
  return candidate.toLowerCase().endsWith(`-${familyOf(plan)}${hash}`);
}

/** Whether a name is one that some stack gave, of whatever account, project and name: its state may still delete it. */
export function isNameOfSomeStack(candidate: string): boolean {
  const [, rest] = /^(.+)-[0-9a-f]{8}$/.exec(candidate.toLowerCase()) ?? [];
  return rest !== undefined && PLANS.some((plan) => !isLocal(plan) && rest.endsWith(`-${familyOf(plan)}`));
}
