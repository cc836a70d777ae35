/** Judges inputs as the real provider does, and adds its defaults to them. */
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import type { Fields, Shape } from "../protocol/sdk.ts";
import type { Checked } from "../protocol/stand-in.ts";
import type { Properties, Property } from "./properties.ts";

/** @param name the resource's name in the program, which the provider's words repeat */
export function checkInputs(name: string, given: Values, fields: Fields, properties: Properties): Checked {
  const inputs = Object.fromEntries(Object.entries(given).filter(([key, value]) => present(key, value)));
  const failures = misfits(inputs, { kind: "object", fields: () => fields }, name);
  if (failures.length === 0) failures.push(...refusals(name, inputs, properties));
  if (failures.length > 0) return { inputs, failures };
  return { inputs: withDefaults(inputs, properties), failures };
}

/** What is wrong with inputs of the right types, and what the stand-in does not know of them. */
function refusals(name: string, inputs: Values, properties: Properties): string[] {
  const strange = Object.keys(inputs)
    .filter((key) => !Object.hasOwn(properties, key))
    .map((key) => `The stand-in for the Docker provider does not know the input ${key} of ${name}.`);
  const wrong = Object.entries(properties).flatMap(([key, { automatic, refuse }]) => {
    const value = inputs[key];
    if (value === undefined && automatic === true) {
      return [`The stand-in for the Docker provider makes up no ${key} for ${name}.`];
    }
    const reason = value === undefined || value === UNKNOWN ? undefined : refuse?.(value);
    // Twice, as the provider's bridge says it.
    return reason === undefined ? [] : [`${reason}. ${reason}. Examine values at '${name}.${key}'.`];
  });
  return [...strange, ...wrong];
}

/** Null is how a program says nothing; `__defaults` is our own note from last time. */
function present(key: string, value: Value): boolean {
  return value !== null && !key.startsWith("__");
}

/** What the SDK's types do not allow, at any depth. Values not known yet pass. */
function misfits(value: Value, shape: Shape, at: string): string[] {
  if (value === UNKNOWN) return [];
  if (shape.kind === "list") {
    if (!Array.isArray(value)) return [`Must be a list. Examine values at '${at}'.`];
    return value.flatMap((item: Value, index) => misfits(item, shape.item, `${at}[${index}]`));
  }
  if (shape.kind === "map" || shape.kind === "object") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return [`Must be an object. Examine values at '${at}'.`];
    }
    const entries = Object.entries(value as Values).filter(([key, inner]) => present(key, inner));
    if (shape.kind === "map")
      return entries.flatMap(([key, inner]) => misfits(inner, shape.item, `${at}.${key}`));
    const fields = shape.fields();
    const missing = Object.entries(fields)
      .filter(([key, { required }]) => required && !entries.some(([found]) => found === key))
      .map(
        ([key]) =>
          `Missing required argument. The argument "${key}" is required, but no definition was found.. Examine values at '${at}.${key}'.`,
      );
    const wrong = entries.flatMap(([key, inner]) => {
      const field = fields[key];
      if (field === undefined) return [`Invalid or unknown key. Examine values at '${at}.${key}'.`];
      return misfits(inner, field.shape, `${at}.${key}`);
    });
    return [...missing, ...wrong];
  }
  return typeof value === shape.kind ? [] : [`Must be a ${shape.kind}. Examine values at '${at}'.`];
}

function withDefaults(inputs: Values, properties: Properties): Values {
  const defaults = Object.entries(properties).flatMap(([key, property]) =>
    property.default === undefined || Object.hasOwn(inputs, key) ? [] : [[key, property.default] as const],
  );
  const filled = Object.entries(inputs).map(([key, value]) => [key, innerDefaults(value, properties[key])]);
  return {
    ...Object.fromEntries(filled),
    ...Object.fromEntries(defaults),
    __defaults: defaults.map(([key]) => key).toSorted(),
  };
}

function innerDefaults(value: Value, property: Property | undefined): Value {
  const inner = property?.inner;
  if (inner === undefined || value === UNKNOWN) return value;
  if (Array.isArray(value)) return value.map((item: Value) => innerDefaults(item, property));
  const given = value as Values;
  const added = Object.keys(inner).filter((key) => !Object.hasOwn(given, key));
  return { ...inner, ...given, __defaults: added.toSorted() };
}
