/**
 * Between the SDK's shape and that of Azure's bodies: the provider flattens `properties`, gives everything camelCase
 * names, and takes from an answer only what its schema knows.
 */
import type { Value, Values } from "../../../infra/provider/protocol/values.ts";
import { type Kind, pathInputs } from "./kinds.ts";

/** Objects, or lists of such, whose other fields stand in a `properties` of their own. */
const FLATTENED: Readonly<Record<string, readonly string[]>> = {
  privateLinkServiceConnections: ["id", "name", "etag", "type"],
  manualPrivateLinkServiceConnections: ["id", "name", "etag", "type"],
  privateDnsZoneConfigs: ["name"],
  subnet: ["id", "name", "etag", "type"],
  privateEndpointConnections: ["id", "name", "type", "systemData"],
};

/** Objects with hyphens in their fields' names: the `x-ms-client-name`s of redis.json are their camelCase. */
const HYPHENATED: readonly string[] = ["redisConfiguration"];

/** Fields that the SDK calls by names that a program can write. */
const RENAMED: Readonly<Record<string, string>> = { odataType: "odata.type" };

/** The path of a resource, or of a function's call. */
export function fillPath(path: string, inputs: Values, subscriptionId: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = name === "subscriptionId" ? subscriptionId : inputs[name];
    if (typeof value !== "string") throw new Error(`missing required property '${name}'`);
    return encodeURIComponent(value);
  });
}

export function toBody(kind: Kind, inputs: Values): Values {
  const inPath = pathInputs(kind);
  const top: Record<string, Value> = {};
  const properties: Record<string, Value> = {};
  for (const [name, value] of Object.entries(inputs)) {
    if (inPath.includes(name) || name === "azureApiVersion") continue;
    (kind.top.includes(name) ? top : properties)[name] = outward(name, value);
  }
  // A required container is sent also when it is empty; a resource group has none.
  return kind.type === "azure-native:resources:ResourceGroup" ? top : { ...top, properties };
}

/** What of an answer becomes the resource's state. */
export function toOutputs(kind: Kind, response: unknown): Values {
  const answer = (response ?? {}) as Values;
  const properties = (answer["properties"] ?? {}) as Values;
  const outputs: Record<string, Value> = {};
  for (const name of kind.outputs) {
    const value = isTop(kind, name) ? answer[name] : properties[name];
    if (value !== undefined && value !== null) outputs[name] = inward(name, value);
  }
  return { ...outputs, azureApiVersion: kind.apiVersion };
}

/** Of every resource, or its own. */
function isTop(kind: Kind, name: string): boolean {
  const always = ["id", "name", "type", "etag", "systemData", "kind", "properties"];
  return always.includes(name) || kind.top.includes(name);
}

function outward(name: string, value: Value): Value {
  const top = FLATTENED[name];
  if (top !== undefined) return each(value, (object) => split(object, top));
  if (HYPHENATED.includes(name)) return each(value, (object) => renamed(object, toHyphens));
  if (name === "criteria")
    return each(value, (object) => renamed(object, (field) => RENAMED[field] ?? field));
  return value;
}

function inward(name: string, value: Value): Value {
  if (FLATTENED[name] !== undefined) {
    return each(value, ({ properties, ...rest }) => ({ ...(properties as Values | undefined), ...rest }));
  }
  if (HYPHENATED.includes(name)) return each(value, (object) => renamed(object, toCamel));
  if (name === "criteria") return each(value, (object) => renamed(object, fromAzure));
  return value;
}

function each(value: Value, change: (object: Values) => Values): Value {
  if (Array.isArray(value)) return value.map((item: Value) => change(item as Values));
  return change(value as Values);
}

function split(object: Values, top: readonly string[]): Values {
  const entries = Object.entries(object);
  const inner = entries.filter(([name]) => !top.includes(name));
  return {
    ...Object.fromEntries(entries.filter(([name]) => top.includes(name))),
    ...(inner.length === 0 ? {} : { properties: Object.fromEntries(inner) }),
  };
}

const renamed = (object: Values, rename: (name: string) => string): Values =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), value]));
const fromAzure = (field: string): string =>
  Object.entries(RENAMED).find(([, azure]) => azure === field)?.[0] ?? field;
const toHyphens = (name: string): string => name.replace(/[A-Z]|\d+$/g, (part) => `-${part.toLowerCase()}`);
const toCamel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
