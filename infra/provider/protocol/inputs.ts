/** Judges and compares inputs: which are of the wrong kind, and which differ from those of last time. */
import type { InputFailure } from "./resource.ts";
import { holdsUnknown, UNKNOWN, type Value, type Values } from "./values.ts";

/** Inputs that are missing, of the wrong kind, or not inputs of the resource at all. Unknown values pass. */
export function misshapen(inputs: Values, shape: Readonly<Record<string, string>>): InputFailure[] {
  const strange = Object.keys(inputs)
    .filter((property) => !Object.hasOwn(shape, property))
    .map((property) => ({ property, reason: `is not an input; allowed: ${Object.keys(shape).join(", ")}` }));
  const wrong = Object.entries(shape).flatMap(([property, kind]) => {
    const value = inputs[property];
    const optional = kind.endsWith("?");
    if (value === undefined || value === null) return optional ? [] : [{ property, reason: "is missing" }];
    const expected = kind.replace("?", "");
    return value === UNKNOWN || kindOf(value) === expected
      ? []
      : [{ property, reason: `must be of kind ${expected}` }];
  });
  return [...strange, ...wrong];
}

/** Settings by name; anything else would be a line of its own in a file, or no text at all. */
export function wrongSettings(settings: object, property = "settings"): InputFailure[] {
  return Object.entries(settings)
    .filter(([key, value]) => !/^[A-Z][A-Z0-9_]*$/.test(key) || typeof value !== "string")
    .map(([key]) => ({ property: `${property}.${key}`, reason: "must be a name in capitals with a text" }));
}

export function wrongPath(property: string, path: string): InputFailure[] {
  return /^[^\p{Cc}]+$/u.test(path) ? [] : [{ property, reason: "must be a path" }];
}

/** A whole number within limits. */
export function wrongNumber(property: string, value: number, least: number, most: number): InputFailure[] {
  const fits = Number.isInteger(value) && value >= least && value <= most;
  return fits ? [] : [{ property, reason: `must be a whole number from ${least} to ${most}` }];
}

/** A whole number of seconds, up to a day. */
export function wrongSeconds(property: string, value: number): InputFailure[] {
  return wrongNumber(property, value, 0, 86_400);
}

function kindOf(value: Value): string {
  return Array.isArray(value) ? "list" : typeof value;
}

export type Change = "add" | "delete" | "update";

/** Differences by key, deep: `settings.REDIS_URL`, never a value. A value not known yet counts as another one. */
export function changes(before: Value | undefined, after: Value | undefined, path = ""): Map<string, Change> {
  if (before === undefined && after === undefined) return new Map();
  if (before === undefined) return new Map([[path, "add"]]);
  if (after === undefined) return new Map([[path, "delete"]]);
  if (isObject(before) && isObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return new Map(
      [...keys].flatMap((key) => [...changes(before[key], after[key], path === "" ? key : `${path}.${key}`)]),
    );
  }
  const same = !holdsUnknown(after) && JSON.stringify(before) === JSON.stringify(after);
  return same ? new Map() : new Map([[path, "update"]]);
}

function isObject(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
