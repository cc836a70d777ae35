/**
 * Property values as they travel over Pulumi's protocol: plain JSON in which secrets and values not known yet are
 * marked by signatures (pulumi: sdk/go/common/resource/properties.go and sig.go). Here secrecy is kept by property:
 * one secret anywhere inside a property makes the whole property secret.
 */
import struct, { type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Stands for a value that only the update itself will know. */
export const UNKNOWN: unique symbol = Symbol("unknown");

export type Value =
  | null
  | boolean
  | number
  | string
  | typeof UNKNOWN
  | readonly Value[]
  | { readonly [key: string]: Value };
export type Values = { readonly [property: string]: Value };

/** Properties of a resource, and which of them must stay secret. */
export interface Properties {
  values: Values;
  secrets: ReadonlySet<string>;
}

/** Reads properties from the wire: markers away, their meaning kept. */
export function decode(wire: struct.Struct | undefined): Properties {
  const values: Record<string, Value> = {};
  const secrets = new Set<string>();
  for (const [property, value] of Object.entries(wire?.toJavaScript() ?? {})) {
    values[property] = unwrap(value, () => secrets.add(property));
  }
  return { values, secrets };
}

function unwrap(value: JavaScriptValue, foundSecret: () => void): Value {
  if (value === UNKNOWN_TEXT) return UNKNOWN;
  if (Array.isArray(value)) return value.map((item) => unwrap(item, foundSecret));
  if (typeof value !== "object" || value === null) return value;
  const entries = value as { [key: string]: JavaScriptValue };
  if (entries[SIGNATURE] === SECRET) {
    foundSecret();
    return unwrap(entries["value"] ?? null, foundSecret);
  }
  return Object.fromEntries(Object.entries(entries).map(([key, inner]) => [key, unwrap(inner, foundSecret)]));
}

/** Writes properties to the wire, with the named ones marked as secrets. Absent (undefined) ones are left out. */
export function encode(
  values: Readonly<Record<string, Value | undefined>>,
  secrets: ReadonlySet<string>,
): struct.Struct {
  const wire: { [key: string]: JavaScriptValue } = {};
  for (const [property, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const plain = wrap(value);
    wire[property] = secrets.has(property) ? { [SIGNATURE]: SECRET, value: plain } : plain;
  }
  return struct.Struct.fromJavaScript(wire);
}

function wrap(value: Value): JavaScriptValue {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (Array.isArray(value)) return value.map(wrap);
  if (typeof value !== "object" || value === null) return value as JavaScriptValue;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, wrap(inner)]));
}

/** Whether a value, or anything inside it, is not known yet. */
export function holdsUnknown(value: Value): boolean {
  if (value === UNKNOWN) return true;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsUnknown);
}
