/** Judges inputs as the real provider does, and adds its defaults to them. */
import { UNKNOWN, type Value, type Values } from "../../../infra/provider/protocol/values.ts";
import type { Shape } from "../protocol/sdk.ts";
import type { Checked } from "../protocol/stand-in.ts";
import { DATABASE, DEPRECATED } from "./properties.ts";
import { sdk } from "./sdk.ts";

const FIELDS = sdk.readArgs("redisDatabase.d.ts", "RedisDatabaseArgs");

export function checkInputs(given: Values): Checked {
  // Null is how a program says nothing; `__defaults` is the provider's own note from last time.
  const entries = Object.entries(given).filter(([key, value]) => value !== null && !key.startsWith("__"));
  const inputs = Object.fromEntries(entries);
  const failures = [
    ...Object.entries(FIELDS).flatMap(([key, { required }]) =>
      required && !Object.hasOwn(inputs, key) ? [missing(key)] : [],
    ),
    ...entries.flatMap(([key, value]) => misfit(key, value)),
  ];
  const defaults = Object.entries(DATABASE).flatMap(([key, { default: value }]) =>
    value === undefined || Object.hasOwn(inputs, key) ? [] : [[key, value] as const],
  );
  const noted = { __defaults: defaults.map(([key]) => key).toSorted() };
  return { inputs: { ...inputs, ...Object.fromEntries(defaults), ...noted }, failures };
}

function missing(key: string): string {
  const inTerraform = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `Missing required argument: The argument "${inTerraform}" is required, but no definition was found.. ${at(key)}`;
}

function misfit(key: string, value: Value): string[] {
  const field = FIELDS[key];
  if (field === undefined) return [`Invalid or unknown key. ${at(key)}`];
  if (DEPRECATED.includes(key))
    return [`The stand-in for the Upstash provider does not know the input ${key}.`];
  return value === UNKNOWN || fits(value, field.shape)
    ? []
    : [`Attribute must be a ${field.shape.kind}. ${at(key)}`];
}

function fits(value: Value, shape: Shape): boolean {
  if (shape.kind === "list") {
    return Array.isArray(value) && value.every((item: Value) => item === UNKNOWN || fits(item, shape.item));
  }
  return shape.kind === "number" ? Number.isInteger(value) : typeof value === shape.kind;
}

/** The provider's words begin with a capital, as `RedisDatabase.Foo` does. */
function at(key: string): string {
  return `Examine values at 'RedisDatabase.${key.charAt(0).toUpperCase()}${key.slice(1)}'.`;
}
