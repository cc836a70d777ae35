/** What separates a database's state from wanted inputs, as the real provider reports it. */
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import type { Change, Difference } from "../protocol/stand-in.ts";
import { DATABASE } from "./properties.ts";

/** The provider compares with the state, not with the inputs of last time: what a refresh found is a difference, too. */
export function differences(state: Values, inputs: Values): Difference[] {
  return Object.entries(DATABASE).flatMap(([property, { set, replaces }]) => {
    const before: Value = state[property] ?? null;
    const after: Value = inputs[property] ?? null;
    if (set === true) return itemDifferences(property, before, after);
    const change = changeOf(before, after);
    if (change === undefined) return [];
    return [{ path: property, change, replaces: replaces?.(before, after) === true }];
  });
}

function changeOf(before: Value, after: Value): Change | undefined {
  if (before === after && after !== UNKNOWN) return undefined;
  if (before === null || before === "") return after === null || after === "" ? undefined : "add";
  return after === null ? "delete" : "update";
}

function itemDifferences(property: string, before: Value, after: Value): Difference[] {
  if (before === UNKNOWN || after === UNKNOWN) return [{ path: property, change: "update", replaces: false }];
  const [old, wanted] = [itemsOf(before), itemsOf(after)];
  const difference = (index: number, change: Change): Difference => ({
    path: `${property}[${index}]`,
    change,
    replaces: false,
  });
  return [
    ...wanted.flatMap((item, index) => (old.includes(item) ? [] : [difference(index, "add")])),
    ...old.flatMap((item, index) => (wanted.includes(item) ? [] : [difference(index, "delete")])),
  ];
}

export function itemsOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}
