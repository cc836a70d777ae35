/**
 * What the published SDK (`@pulumi/azure-native`) says of its resources, read from its type declarations: inputs and
 * which of them are required, outputs, API versions. The same source that a program is checked against, so that nothing
 * here can bend to how we happen to use it. Types are followed only as far as a value reaches: some contain themselves.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type Shape =
  | { kind: "string" | "number" | "boolean" }
  | { kind: "list"; item: Shape }
  | { kind: "map"; item: Shape }
  | { kind: "object"; fields: () => Fields }
  /** One of several objects: which one, a field of it says. */
  | { kind: "union"; choices: readonly Shape[] }
  | { kind: "literal"; value: string };

/** The inputs of a resource, or of an object inside one. */
export type Fields = Readonly<Record<string, { required: boolean; shape: Shape }>>;

const FOLDER = dirname(createRequire(import.meta.url).resolve("@pulumi/azure-native/package.json"));

export const SDK_VERSION: string = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")).version;

/** As the package's documentation names it: `Uses Azure REST API version 2024-11-01.` */
export function readApiVersion(file: string): string {
  const version = /Uses Azure REST API version (\d{4}-\d{2}-\d{2}(?:-preview)?)/.exec(readText(file))?.[1];
  if (version === undefined) throw new Error(`${where(file)} names no API version`);
  return version;
}

/** The outputs that the resource's class declares. */
export function readOutputs(file: string): string[] {
  return [...withoutComments(readText(file)).matchAll(/^ {4}readonly (\w+): pulumi\.Output</gm)].map(
    ([, name = ""]) => name,
  );
}

/**
 * @param file a declaration file of the SDK, as in `redis/redis.d.ts`
 * @param name an interface in it, as in `RedisArgs`
 * @throws where the SDK has no such interface, or says something that is not understood here
 */
export function readArgs(file: string, name: string): Fields {
  return fieldsOf(interfaceIn(readText(file), name, where(file)));
}

let inputTypes: string | undefined;

/** @param name as in `inputs.redis.SkuArgs` */
function readInputType(name: string): Fields {
  const [, namespace = "", type = ""] = name.split(".");
  inputTypes ??= readText("types/input.d.ts");
  const from = inputTypes.indexOf(`export declare namespace ${namespace} {`);
  const text = inputTypes.slice(from, inputTypes.indexOf("\n}", from));
  if (from < 0) throw new Error(`${where("types/input.d.ts")} has no namespace ${namespace}`);
  return fieldsOf(interfaceIn(text, type, where(name)));
}

function interfaceIn(text: string, name: string, place: string): string {
  const found = new RegExp(`^( *)(?:export )?interface ${name} \\{\\n([\\s\\S]*?)\\n\\1\\}`, "m").exec(
    withoutComments(text),
  );
  if (found?.[2] === undefined) throw new Error(`${place} has no interface ${name}`);
  return found[2];
}

function fieldsOf(body: string): Fields {
  return Object.fromEntries(
    splitOutsideBraces(body).map((line) => {
      const [, field = "", optional, type = ""] = /^(\w+)(\?)?:([\s\S]*)$/.exec(line) ?? [];
      return [field, { required: optional === undefined, shape: parse(type.trim()) }];
    }),
  );
}

function splitOutsideBraces(body: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const letter of body) {
    depth += letter === "{" ? 1 : letter === "}" ? -1 : 0;
    if (letter === ";" && depth === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function parse(type: string): Shape {
  if (type.endsWith("| undefined")) return parse(type.slice(0, -"| undefined".length).trim());
  if (type.endsWith("[]")) return { kind: "list", item: parse(type.slice(0, -2)) };
  if (type.startsWith("pulumi.Input<") && type.endsWith(">")) {
    return parse(type.slice("pulumi.Input<".length, -1).trim());
  }
  const map = /^\{\s*\[key: string\]:([\s\S]*);\s*\}$/.exec(type)?.[1];
  if (map !== undefined) return { kind: "map", item: parse(map.trim()) };
  const literal = /^"([^"]*)"$/.exec(type)?.[1];
  if (literal !== undefined) return { kind: "literal", value: literal };
  const choices = type.split(" | ");
  if (choices.length > 1 && choices.every((choice) => choice.startsWith("inputs."))) {
    return { kind: "union", choices: choices.map(parse) };
  }
  if (type.startsWith("inputs.")) return { kind: "object", fields: () => readInputType(type) };
  // Enumerations are open: the service itself judges the value.
  if (/^(string \| )?enums\./.test(type)) return { kind: "string" };
  if (type === "string" || type === "number" || type === "boolean") return { kind: type };
  throw new Error(`@pulumi/azure-native ${SDK_VERSION}: the type ${type} is not understood`);
}

const readText = (file: string): string => readFileSync(join(FOLDER, file), "utf8");
const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "");
const where = (file: string): string => `@pulumi/azure-native ${SDK_VERSION}: ${file}`;
