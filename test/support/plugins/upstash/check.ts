/** Judges inputs as the real provider does, and adds its defaults to them. */
import { UNKNOWN, type Value, type Values } from "../../../../infra/provider/protocol/values.ts";
import { DATABASE, DEPRECATED } from "./properties.ts";
import { readFields, type Shape } from "./sdk-types.ts";

const FIELDS = readFields("redisDatabase.d.ts", "RedisDatabaseArgs");

export interface Checked {
  inputs: Values;
  /** In the provider's words where they were seen; those begin with a capital, as `RedisDatabase.Foo` does. */
  failures: string[];
}

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
  if (value === UNKNOWN || FITS[field.shape](value)) return [];
  return [`Attribute must be a ${field.shape === "strings" ? "list" : field.shape}. ${at(key)}`];
}

const FITS: Readonly<Record<Shape, (value: Value) => boolean>> = {
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
  number: (value) => Number.isInteger(value),
  strings: (value) =>
    Array.isArray(value) && value.every((item: Value) => typeof item === "string" || item === UNKNOWN),
};

function at(key: string): string {
  return `Examine values at 'RedisDatabase.${key.charAt(0).toUpperCase()}${key.slice(1)}'.`;
}
