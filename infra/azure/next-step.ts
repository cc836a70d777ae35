/** What to do after an error answer of Azure. Pure. */
import { type Advice, advice } from "../../base/advice.ts";
import type { Command } from "../../base/command.ts";
import { program } from "../../base/command.ts";
import type { ArmError } from "./arm-error.ts";
import { assignRoleCommand, groupOf, roleFor } from "./roles.ts";

/** Refusals below 500 that pass by themselves: a timeout, a conflict, throttling. */
const PASSING: ReadonlySet<number> = new Set([408, 409, 429]);

/** @param again the command to repeat */
export function nextStep({ status, code, message }: ArmError, ...again: readonly Command[]): Advice {
  if (status === 403 || code === "AuthorizationFailed") return roleAdvice(message, again);
  if (status === 401) {
    return advice("Sign in again, or start the pipeline again.", program("az", "login"), ...again);
  }
  if (status === 404) {
    return advice(
      "It does not exist, or has another name. Correct its name, slot, resource group or subscription in the stack's config.",
      program("az", "webapp", "list", "--output", "table"),
      ...again,
    );
  }
  if (status !== undefined && status >= 400 && status < 500 && !PASSING.has(status)) {
    return advice("Azure refuses the request. Correct what the message names.", ...again);
  }
  return advice("Azure may be busy. Try again.", ...again);
}

/** Reading the settings needs more than Reader, because they hold secrets. */
function roleAdvice(message: string, again: readonly Command[]): Advice {
  const action = /action '([\w./*-]{1,120})'/.exec(message)?.[1] ?? "Microsoft.Web/sites/config/list/action";
  const client = /client '([\w.@-]{1,80})'/.exec(message)?.[1];
  const scope = /scope '(\/[\w./()-]{1,300})'/.exec(message)?.[1];
  const role = roleFor(action);
  if (client === undefined || scope === undefined) {
    return advice(
      `The identity that signs in may not do ${action}. Give it the role ${role} on the resource group.`,
      ...again,
    );
  }
  return advice(
    `The identity that signs in may not do ${action}. Ask someone who may grant roles.`,
    assignRoleCommand(role, client, groupOf(scope)),
    ...again,
  );
}
