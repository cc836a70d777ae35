/**
 * What a published SDK of Pulumi says of its resources, read from its type declarations: inputs and which of them are
 * required, outputs. The same source that a program is checked against, so that nothing here can bend to how we happen to
 * use it. Types are followed only as far as a value reaches: some contain themselves.
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

export interface Sdk {
  /** Without a `v` before it, which some write in their package.json. */
  readonly version: string;
  /**
   * @param file a declaration file of the SDK, as in `redis/redis.d.ts`
   * @param name an interface in it, as in `RedisArgs`
   * @throws where the SDK has no such interface, or says something that is not understood here
   */
  readArgs(file: string, name: string): Fields;
  /** The outputs that the resource's class declares. */
  readOutputs(file: string): string[];
  /** The first group of what is found in a file, comments and all. @throws where nothing is */
  readFact(file: string, pattern: RegExp, what: string): string;
}

/** Where SDKs declare the objects inside their inputs. */
const INPUT_TYPES = "types/input.d.ts";

/** @param name of the package, as in `@pulumi/docker` */
export function publishedSdk(name: string): Sdk {
  const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  const readText = (file: string): string => readFileSync(join(folder, file), "utf8");
  const version = String(JSON.parse(readText("package.json")).version).replace(/^v/, "");
  const fail = (words: string): never => {
    throw new Error(`${name} ${version}: ${words}`);
  };
  let inputTypes: string | undefined;

  /** @param type as in `inputs.ContainerPort`, or in a namespace of its own: `inputs.redis.SkuArgs` */
  function readInputType(type: string): Fields {
    inputTypes ??= readText(INPUT_TYPES);
    const [, ...names] = type.split(".");
    const [namespace, inner] = names.length === 1 ? [undefined, names[0]] : names;
    const from = namespace === undefined ? 0 : inputTypes.indexOf(`export declare namespace ${namespace} {`);
    if (from < 0) fail(`${INPUT_TYPES} has no namespace ${namespace}`);
    const text =
      namespace === undefined ? inputTypes : inputTypes.slice(from, inputTypes.indexOf("\n}", from));
    return fieldsOf(text, inner ?? "", type);
  }

  function fieldsOf(text: string, type: string, place: string): Fields {
    const body = new RegExp(`^( *)(?:export )?interface ${type} \\{\\n([\\s\\S]*?)\\n\\1\\}`, "m").exec(
      withoutComments(text),
    )?.[2];
    return Object.fromEntries(
      splitOutsideBraces(body ?? fail(`${place} has no interface ${type}`)).map((line) => {
        const [, field = "", optional, shape = ""] = /^(\w+)(\?)?:([\s\S]*)$/.exec(line) ?? [];
        return [field, { required: optional === undefined, shape: parse(shape.trim()) }];
      }),
    );
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
    return fail(`the type ${type} is not understood`);
  }

  return {
    version,
    readArgs: (file, type) => fieldsOf(readText(file), type, file),
    readOutputs: (file) =>
      [...withoutComments(readText(file)).matchAll(/^ {4}readonly (\w+): pulumi\.Output</gm)].map(
        ([, output = ""]) => output,
      ),
    readFact: (file, pattern, what) => pattern.exec(readText(file))?.[1] ?? fail(`${file} names no ${what}`),
  };
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

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, "");
