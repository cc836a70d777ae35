/** The config of a stack of a clone, set without an engine run: half a second of two processors for each key. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, isCollection, parseDocument } from "yaml";
import { isLocalStack } from "../../operations/stacks/local-config.ts";

/** By path, as `pulumi config set --path` takes it; undefined removes the key. */
export type ConfigChange = Readonly<Record<string, string | undefined>>;

/** @param root the clone's folder */
export async function changeConfig(root: string, stack: string, change: ConfigChange): Promise<void> {
  const file = await configFileOf(root, stack);
  const document = parseDocument(await readFile(file, "utf8"));
  for (const [path, value] of Object.entries(change)) {
    if (value === undefined) document.deleteIn(stepsOf(path));
    else setIn(document, stepsOf(path), value);
  }
  await writeFile(file, document.toString());
}

/** A local stack has a copy of its tracked file, which its first command makes. */
async function configFileOf(root: string, stack: string): Promise<string> {
  const tracked = join(root, `Pulumi.${stack}.yaml`);
  if (!isLocalStack(stack)) return tracked;
  const copy = join(root, ".propiq", "stacks", `Pulumi.${stack}.yaml`);
  return await readFile(copy).then(
    () => copy,
    () => tracked,
  );
}

/** `azure.network.allowedIps[0]` below the project's namespace, unless the path names another. */
function stepsOf(path: string): (string | number)[] {
  const [, namespace = "propiq-cache", keys = path] = /^([\w-]+):(.*)$/.exec(path) ?? [];
  const [first = "", ...others] = [...keys.matchAll(/[^.[\]]+/g)].map(([step]) => step);
  return [
    "config",
    `${namespace}:${first}`,
    ...others.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
  ];
}

/** `config`, and a key below it. */
const TOP_LEVEL = 2;

/** As Pulumi: what is missing on the way is made, as a list where the next step is a number. */
function setIn(document: Document, steps: readonly (string | number)[], text: string): void {
  for (let length = 1; length < steps.length; length += 1) {
    if (isCollection(document.getIn(steps.slice(0, length)))) continue;
    document.setIn(steps.slice(0, length), document.createNode(typeof steps[length] === "number" ? [] : {}));
  }
  // Pulumi quotes the numbers of the top level whenever it writes the file.
  document.setIn(steps, steps.length === TOP_LEVEL ? text : typed(text));
}

function typed(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^(0|[1-9]\d*)$/.test(text) ? Number(text) : text;
}
