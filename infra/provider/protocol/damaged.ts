/** States of our resources that were edited by hand, or damaged. Pure. */
import { advice } from "../../../base/advice.ts";
import { pulumi } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { urnParts } from "../../plans/urn.ts";
import { misshapen } from "./inputs.ts";
import type { AnyResourceType, InputFailure } from "./resource.ts";
import { holdsUnknown, type Values } from "./values.ts";

/** What is wrong with inputs, whoever wrote them. */
export function failuresOf(type: AnyResourceType, values: Values): InputFailure[] {
  const wrong = misshapen(values, type.inputs);
  return wrong.length > 0 || holdsUnknown(values) ? wrong : type.refuse(values);
}

/** A state that was edited by hand, or damaged. @throws PropiqError */
export function refuseState(type: AnyResourceType, urn: string, state: Values): void {
  const inputs = failuresOf(type, only(state, Object.keys(type.inputs)));
  // An earlier version may have written fewer, and `pulumi import` has none.
  const outputs = only(state, Object.keys(type.outputs));
  const wrong = [...inputs, ...misshapen(outputs, only(type.outputs, Object.keys(outputs)))];
  const [failure] = wrong.length > 0 ? wrong : type.refuseOutputs(outputs);
  if (failure !== undefined) throw damaged(urn, `${failure.property} ${failure.reason}`);
}

export function damaged(urn: string, why: string): PropiqError {
  const { stack, type, name } = urnParts(urn);
  return new PropiqError(`The state of ${type} ${name} is damaged: ${why}.`, {
    code: "STATE_DAMAGED",
    next: advice(
      "Import an earlier state, if you have one. Otherwise have the state forget the resource: the next update finds what exists.",
      pulumi(stack, "state", "delete", urn, "--target-dependents"),
      pulumi(stack, "up"),
    ),
  });
}

function only<V>(values: Readonly<Record<string, V>>, keys: readonly string[]): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
}
