/**
 * What the published SDK (`@upstash/pulumi`) takes and gives, read from its type declarations: the same source that a program
 * is checked against, so that nothing here can bend to how we happen to use it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type Shape = "string" | "number" | "boolean" | "strings";
export type Fields = Readonly<Record<string, { required: boolean; shape: Shape }>>;

const FOLDER = dirname(createRequire(import.meta.url).resolve("@upstash/pulumi/package.json"));

const { version } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as { version: string };
/** Its package.json writes `v0.5.0`, which its own classes cut, too. */
export const SDK_VERSION: string = version.replace(/^v/, "");

const SHAPES: Readonly<Record<string, Shape>> = {
  "pulumi.Input<string>": "string",
  "pulumi.Input<number>": "number",
  "pulumi.Input<boolean>": "boolean",
  "pulumi.Input<pulumi.Input<string>[]>": "strings",
};

/**
 * @param file a declaration file of the SDK, as in `redisDatabase.d.ts`
 * @param name an interface in it, as in `RedisDatabaseArgs`
 * @throws where the SDK has no such interface, or says something that is not understood here
 */
export function readFields(file: string, name: string): Fields {
  const text = readFileSync(join(FOLDER, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const body = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(text)?.[1];
  if (body === undefined) throw new Error(`@upstash/pulumi ${SDK_VERSION}: no interface ${name} in ${file}`);
  const lines = body.split(";").map((line) => line.trim());
  return Object.fromEntries(
    lines
      .filter((line) => line !== "")
      .map((line) => {
        const [, field = "", optional, type = ""] = /^(\w+)(\?)?:\s*([\s\S]*)$/.exec(line) ?? [];
        const shape = SHAPES[type];
        if (shape === undefined)
          throw new Error(`@upstash/pulumi ${SDK_VERSION}: the type of ${line} is not understood`);
        return [field, { required: optional === undefined, shape }];
      }),
  );
}
