/**
 * The inputs that the published SDK (`@pulumi/docker`) takes, read from its type declarations: the same source that a
 * program is checked against, so that nothing here can bend to how we happen to use it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type Shape =
  | { kind: "string" | "number" | "boolean" }
  | { kind: "list"; item: Shape }
  | { kind: "map"; item: Shape }
  | { kind: "object"; fields: Fields };

/** The inputs of a resource, or of an object inside one. */
export type Fields = Readonly<Record<string, { required: boolean; shape: Shape }>>;

const FOLDER = dirname(createRequire(import.meta.url).resolve("@pulumi/docker/package.json"));

export const SDK_VERSION: string = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")).version;

/**
 * @param file a declaration file of the SDK, as in `container.d.ts`
 * @param name an interface in it, as in `ContainerArgs`
 * @throws where the SDK has no such interface, or says something that is not understood here
 */
export function readFields(file: string, name: string): Fields {
  const text = readFileSync(join(FOLDER, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const body = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(text)?.[1];
  if (body === undefined) throw new Error(`@pulumi/docker ${SDK_VERSION}: no interface ${name} in ${file}`);
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
  if (type.startsWith("inputs.")) {
    return { kind: "object", fields: readFields("types/input.d.ts", type.slice("inputs.".length)) };
  }
  if (type === "string" || type === "number" || type === "boolean") return { kind: type };
  throw new Error(`@pulumi/docker ${SDK_VERSION}: the type ${type} is not understood`);
}
