/** What to do after an answer of Azure that is none of those hoped for. Pure. */
import type { ArmError } from "./arm-error.ts";
import { assignRole, roleFor } from "./roles.ts";

/** Refusals below 500 that pass by themselves: a time-out, a conflict, throttling. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 429]);

/** @param again the command to repeat */
export function wayOn({ status, code, message }: ArmError, again: string): string {
  if (status === 403 || code === "AuthorizationFailed") return `${roleHint(message)}\nThen: ${again}`;
  if (status === 401) return `Sign in again (az login, or a new pipeline run), then: ${again}`;
  if (status === 404) {
    return `It is not there (any more), or is called otherwise: correct its name, slot, resource group or subscription in the stack's config (az webapp list --output table shows apps), then: ${again}`;
  }
  if (status !== undefined && status >= 400 && status < 500 && !PASSING.has(status)) {
    return `Azure does not take the request as it is: mend what it names, then: ${again}`;
  }
  return `Azure may only be busy. Try again: ${again}`;
}

/** Reading the settings needs more than Reader, as they hold secrets. */
function roleHint(message: string): string {
  const action = /action '([\w./*-]{1,120})'/.exec(message)?.[1] ?? "Microsoft.Web/sites/config/list/action";
  const client = /client '([\w.@-]{1,80})'/.exec(message)?.[1];
  const scope = /scope '(\/[\w./()-]{1,300})'/.exec(message)?.[1];
  const role = roleFor(action);
  if (client === undefined || scope === undefined) {
    return `The identity that signs in may not do ${action}: give it the role ${role} on the resource group.`;
  }
  return `The identity that signs in may not do ${action}. Someone who may gives it the role:\n${assignRole(role, client, scope)}`;
}
