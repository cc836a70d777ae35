/**
 * What separates inputs from those of last time, as pulumi-azure-native 3 reports it
 * (provider/pkg/provider/diff.go): it
 * compares inputs with inputs; what a refresh found otherwise has changed the recorded inputs before (`driftedInputs`).
 */
import { isDeepStrictEqual } from "node:util";
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import { type Difference, propertyOf } from "../protocol/stand-in.ts";
import { type Kind, pathInputs } from "./kinds.ts";

export function differences(before: Values, after: Values, kind: Kind): Difference[] {
  const replacing = [...pathInputs(kind), ...kind.forceNew];
  const found: Difference[] = [];
  const compare = (old: Value | undefined, now: Value | undefined, path: string): void => {
    if (old === undefined && now === undefined) return;
    if (isObject(old) && isObject(now)) {
      const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
      for (const key of keys) compare(old[key], now[key], `${path}.${key}`);
      return;
    }
    if (Array.isArray(old) && Array.isArray(now)) {
      const [olds, nows]: (readonly Value[])[] = [old, now];
      const length = Math.max(olds?.length ?? 0, nows?.length ?? 0);
      for (let index = 0; index < length; index++) {
        compare(olds?.[index], nows?.[index], `${path}[${index}]`);
      }
      return;
    }
    if (old === now && now !== UNKNOWN) return;
    if (path === "location" && normalized(old) === normalized(now)) return;
    const change = old === undefined ? "add" : now === undefined ? "delete" : "update";
    found.push({ path, change, replaces: replacing.includes(propertyOf(path)) });
  };
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(before[key], after[key], key);
  }
  return found;
}

/** What was changed in Azure since the state was written, carried over to the inputs: only that, nothing more. */
export function driftedInputs(inputs: Values, before: Values, now: Values, kind: Kind): Values {
  const result: Record<string, Value> = { ...inputs };
  for (const name of kind.known) {
    if (pathInputs(kind).includes(name)) continue;
    const was = before[name];
    const is = now[name];
    if (isDeepStrictEqual(was, is)) continue;
    if (is === undefined) delete result[name];
    else result[name] = carried(inputs[name], was, is);
  }
  return result;
}

function carried(own: Value | undefined, was: Value | undefined, is: Value): Value {
  if (!isObject(own) || !isObject(was) || !isObject(is)) return is;
  const result: Record<string, Value> = { ...own };
  for (const key of new Set([...Object.keys(was), ...Object.keys(is)])) {
    if (isDeepStrictEqual(was[key], is[key])) continue;
    const value = is[key];
    if (value === undefined) delete result[key];
    else result[key] = carried(own[key], was[key], value);
  }
  return result;
}

const isObject = (value: Value | undefined): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const normalized = (value: Value | undefined): unknown =>
  typeof value === "string" ? value.toLowerCase().replaceAll(" ", "") : value;
