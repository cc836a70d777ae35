/** What a cache in the cloud is called, and what a stack has there as well. */
import { createHash } from "node:crypto";
import { familyOf, isLocal, PLANS, type Plan } from "./catalogue.ts";

export interface Naming extends Identity {
  /** The stack's `name`: 1 to 24 of a-z, 0-9 and inner hyphens. */
  name: string;
  plan: Plan;
}

/** What distinguishes the things of one stack from those of another. */
export interface Identity {
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
export function cloudName({ plan, ...naming }: Naming): string {
  return stackName(naming, familyOf(plan));
}

/**
 * `<name>-<what>-<hash8>`: of what a stack has once, whatever its plan.
 * @param what in Azure's letters: a-z, 0-9 and inner hyphens
 */
export function stackName({ name, ...identity }: Omit<Naming, "plan">, what: string): string {
  // Azure refuses two hyphens in a row.
  const prefix = name.replace(/-{2,}/g, "-");
  const hash = createHash("sha256").update(text(identity)).digest("hex").slice(0, 8);
  return `${prefix}-${what}-${hash}`;
}

/** The same for what Azure names by a GUID (version 8 of RFC 9562: made from a hash). */
export function stackGuid(identity: Identity, what: string): string {
  const hash = createHash("sha256")
    .update(`${text(identity)}\0${what}`)
    .digest("hex");
  const variant = "89ab"[Number.parseInt(hash.charAt(16), 16) % 4];
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

/** Subscription ids come in either case. */
const text = ({ scope, project, stack }: Identity): string =>
  [scope.toLowerCase(), project, stack].join("\0");

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
