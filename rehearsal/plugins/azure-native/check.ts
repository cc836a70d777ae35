/** Judges inputs as the real provider does: required ones and their types. */
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import type { Fields, Shape } from "../protocol/sdk.ts";
import type { Checked } from "../protocol/stand-in.ts";
import type { Kind } from "./kinds.ts";

/** @param name the resource's name in the program */
export function checkInputs(name: string, given: Values, kind: Kind): Checked {
  const inputs = withoutNulls(given);
  const strange = Object.keys(inputs)
    .filter((key) => !kind.known.includes(key))
    .map((key) => `The stand-in for azure-native does not know the input ${key} of ${name} (${kind.type}).`);
  const unnamed = kind.known
    .filter((key) => /[nN]ame$/.test(key) && kind.path.includes(`{${key}}`) && !(key in inputs))
    .map((key) => `The stand-in for azure-native makes up no ${key} for ${name}.`);
  const failures = [...strange, ...unnamed, ...misfits(inputs, kind.fields, "")];
  // The provider asks the group for its location where none is given; the stand-in never does.
  if ("location" in kind.fields && !("location" in inputs)) {
    failures.push(
      "missing required property 'location'. Either set it explicitly or configure it with 'pulumi config set azure-native:location <value>'.",
    );
  }
  // Noted among the inputs, so that a provider with another API version shows it as a difference.
  return { inputs: { azureApiVersion: kind.apiVersion, ...inputs }, failures };
}

function misfits(values: Values, fields: Fields, within: string): string[] {
  const at = (key: string) => (within === "" ? key : `${within}.${key}`);
  const missing = Object.entries(fields)
    .filter(([key, { required }]) => required && !(key in values))
    .map(([key]) => `missing required property '${at(key)}'`);
  const wrong = Object.entries(values).flatMap(([key, value]) => {
    const field = fields[key];
    // The real one passes over a field that it does not know; a slip must not pass here.
    if (field === undefined) return [`The SDK has no field '${at(key)}'.`];
    return misfit(value, field.shape, at(key));
  });
  return [...missing, ...wrong];
}

function misfit(value: Value, shape: Shape, at: string): string[] {
  if (value === UNKNOWN) return [];
  const wrong = (kind: string) => [`'${at}' should be of type '${kind}' but got ${nameOf(value)}`];
  switch (shape.kind) {
    case "list":
      if (!Array.isArray(value)) return wrong("array");
      return value.flatMap((item: Value, index) => misfit(item, shape.item, `${at}[${index}]`));
    case "map":
      if (!isObject(value)) return wrong("object");
      return Object.entries(value).flatMap(([key, item]) => misfit(item, shape.item, `${at}.${key}`));
    case "object":
      return isObject(value) ? misfits(value, shape.fields(), at) : wrong("object");
    case "literal":
      return value === shape.value ? [] : [`'${at}' should be '${shape.value}'`];
    case "union": {
      const tried = shape.choices.map((choice) => misfit(value, choice, at));
      // The nearest says best what is wrong.
      return tried.toSorted((one, other) => one.length - other.length)[0] ?? [];
    }
    default:
      return typeof value === shape.kind ? [] : wrong(shape.kind);
  }
}

const isObject = (value: Value): value is Values =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const nameOf = (value: Value): string => (Array.isArray(value) ? "an array" : `a ${typeof value}`);

/** Null is how a program says nothing. */
function withoutNulls(values: Values): Values {
  const clean = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(clean);
    return isObject(value) ? withoutNulls(value) : value;
  };
  const entries = Object.entries(values).filter(([key, value]) => value !== null && !key.startsWith("__"));
  return Object.fromEntries(entries.map(([key, value]) => [key, clean(value)]));
}
