/** `propiq:index:EnvFile`: the settings of an app as a block at the end of an env file. */

import { parseEnv } from "node:util";
import { advice } from "../../../base/advice.ts";
import { counted } from "../../../base/counted.ts";
import { PropiqError } from "../../../base/errors.ts";
import { fromRoot } from "../../../base/paths.ts";
import { SECRET_SETTINGS, SETTING_NAMES } from "../../contract/table.ts";
import { wrongPath, wrongSettings } from "../protocol/inputs.ts";
import type { Operation, ResourceType } from "../protocol/resource.ts";
import { type Entries, readBlock, settingsOf, withBlock, withoutBlock } from "./block.ts";
import { closeToOthers, readText, removeFile, removeTemporary, writeText } from "./file.ts";

export interface EnvFileInputs {
  /** Relative to the project's root, or absolute. */
  path: string;
  /** Names and values; secret as a whole. */
  settings: Entries;
  /** When the cache was proven: another time has the file looked at again, which a killed update may have written. */
  provenAt?: string;
}
type EnvFileOutputs = Record<never, never>;

export const envFile: ResourceType<EnvFileInputs, EnvFileOutputs> = {
  type: "propiq:index:EnvFile",
  inputs: { path: "string", settings: "object", provenAt: "string?" },
  outputs: {},
  secrets: ["settings"],
  replaceOn: ["path"],

  refuse: ({ path, settings }) => [...wrongPath("path", path), ...wrongSettings(settings)],

  async create(inputs, operation) {
    await putBlock(inputs, operation);
    return { id: inputs.path, outputs: {} };
  },

  async read(_id, state, { stack }) {
    const text = (await readText(fromRoot(state.path))) ?? "";
    const block = readBlock(text);
    if (block?.owner !== stack) return undefined;
    // As an app reads them: a line behind the block may say otherwise.
    const effective = settingsOf(parseEnv(Buffer.from(text, "latin1").toString("utf8")));
    const settings = Object.keys(block.entries).map((key) => [key, effective[key] ?? ""]);
    return { ...state, settings: Object.fromEntries(settings) };
  },

  async update(_id, _state, inputs, operation) {
    await putBlock(inputs, operation);
    return {};
  },

  delete: (_id, state, { stack, signal }) => takeBlock(fromRoot(state.path), stack, signal),
};

async function putBlock({ path, settings }: EnvFileInputs, operation: Operation): Promise<void> {
  const file = fromRoot(path);
  operation.progress(`writing ${counted(Object.keys(settings).length, "setting")} to ${path}`);
  const old = await readText(file);
  const text = withBlock(old, { owner: operation.stack, entries: inOrder(settings) });
  assertReadable(path, text, settings);
  operation.signal.throwIfAborted();
  const isSecret = SECRET_SETTINGS.some((name) => holdsPassword(name, settings[name]));
  if (text !== old) await writeText(file, text, isSecret);
  if (isSecret && !(await closeToOthers(file)))
    operation.warn(
      `${path} contains a password, and other users of this machine can read it. Run: chmod 600 ${path}`,
    );
}

function holdsPassword(name: string, value = ""): boolean {
  return name === "REDIS_URL" ? /:[^/@]+@/.test(value) : value !== "";
}

/** In the contract's order; Pulumi hands over maps by alphabet. */
function inOrder(settings: Entries): Entries {
  const place = (name: string) => (SETTING_NAMES as readonly string[]).indexOf(name);
  return Object.fromEntries(Object.entries(settings).toSorted(([a], [b]) => place(a) - place(b)));
}

/** An earlier line with a quote that is never closed would swallow the block: seen by reading it as an app does. */
function assertReadable(path: string, text: string, settings: Entries): void {
  const read = settingsOf(parseEnv(Buffer.from(text, "latin1").toString("utf8")));
  const lost = Object.keys(settings).filter((key) => read[key] !== settings[key]);
  if (lost.length === 0) return;
  throw new PropiqError(
    `${path} would not be read correctly: ${lost.join(", ")} would have another value. The file was not changed.`,
    {
      code: "ENV_FILE_INVALID",
      next: advice(`Look for a line in ${path} that opens a quote and never closes it.`),
    },
  );
}

/**
 * Takes the block of a stack out of a file; what else is in it stays, byte for byte, and a block that another stack
 * has written since is that stack's.
 * @param path absolute
 */
export async function takeBlock(path: string, owner: string, signal?: AbortSignal): Promise<void> {
  await removeTemporary(path);
  const old = await readText(path);
  if (old === undefined || readBlock(old)?.owner !== owner) return;
  const text = withoutBlock(old);
  signal?.throwIfAborted();
  if (text === undefined) await removeFile(path);
  else await writeText(path, text);
}
