/** What separates a resource's state from wanted inputs, as the real provider reports it. */
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import type { Change, Difference } from "../protocol/stand-in.ts";
import type { Properties } from "./properties.ts";

/**
 * Whole properties, never paths inside them. The provider compares with the state, not with the inputs of last time: what a refresh found to be otherwise is a
 * difference, too. A container that was killed differs in `mustRun` and `ports`, and `ports` replaces it.
 */
export function differences(state: Values, inputs: Values, properties: Properties): Difference[] {
  return Object.entries(properties).flatMap(([path, { replaces, computed, unordered }]) => {
    const after = inputs[path] ?? null;
    if (after === null && computed === true) {
      // Whatever the engine has is right, but a half-made resource was never read: the provider makes it anew.
      return Object.hasOwn(state, path) ? [] : [{ path, change: "add", replaces: replaces === true }];
    }
    const change = changeOf(state[path] ?? null, after, unordered === true);
    return change === undefined ? [] : [{ path, change, replaces: replaces === true }];
  });
}

function changeOf(before: Value, after: Value, unordered: boolean): Change | undefined {
  if ((isNothing(before) && isNothing(after)) || same(before, after, unordered)) return undefined;
  if (isAbsent(before)) return "add";
  return isAbsent(after) ? "delete" : "update";
}

function isAbsent(value: Value): boolean {
  return value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

/** Terraform's types have no absence: null, zero, false and empty are one. */
function isNothing(value: Value): boolean {
  return isAbsent(value) || value === 0 || value === false || value === "";
}

/** Whether the state holds what is wanted. Fields that the inputs leave open (a random port) may be anything. */
function same(before: Value, after: Value, unordered = false): boolean {
  if (before === UNKNOWN || after === UNKNOWN) return false;
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length) return false;
    if (!unordered) return after.every((item: Value, index) => same(before[index] ?? null, item));
    return after.every((item: Value) => before.some((other: Value) => same(other, item)));
  }
  if (typeof before === "object" && typeof after === "object" && before !== null && after !== null) {
    return Object.entries(after)
      .filter(([key]) => key !== "__defaults")
      .every(([key, value]) => same(Reflect.get(before, key) ?? null, value));
  }
  return before === after;
}
