/**
 * The config of a local stack on this machine. Pulumi writes into a stack's config file by itself (the salt of its
 * encryption), and what a user sets for their own machine is nobody else's business: so the tracked file is the
 * model, and Pulumi reads and writes a copy under `.propiq/`.
 */

import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { advice } from "../../base/advice.ts";
import { program } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { fileErrorWords } from "../../base/file-error.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { PRIVATE, replaceFile } from "../../base/private-files.ts";
import { readYamlAsWritten, writeYaml, YamlError } from "../../base/yaml.ts";
import { stateFolder } from "../../toolchain/paths.ts";

/** Stacks whose cache is on this machine; they share one passphrase, which nobody types. */
export const LOCAL_STACKS = ["dev", "native"] as const;
export type LocalStack = (typeof LOCAL_STACKS)[number];

export function isLocalStack(name: string | undefined): name is LocalStack {
  return (LOCAL_STACKS as readonly (string | undefined)[]).includes(name);
}

type Config = Record<string, unknown>;
interface StackFile {
  config?: Config;
  [other: string]: unknown;
}

/** A project of its own, by the same name, so that `pulumi stack init` there writes no tracked file. */
export const LOCAL_PROJECT = join(stateFolder, "stacks");

export function localConfigFile(stack: LocalStack): string {
  return join(LOCAL_PROJECT, `Pulumi.${stack}.yaml`);
}

/** The tracked file as it was last taken over. */
function trackedBefore(stack: LocalStack): string {
  return join(LOCAL_PROJECT, `tracked.${stack}.yaml`);
}

export const ENV_FILE = "propiq-cache:envFile";

/**
 * Brings the machine's copy up to date with the tracked file: a key that changed there since last time is taken
 * over, all others stay as they were set on this machine.
 * @returns the config that the stack now has
 */
export async function syncLocalConfig(stack: LocalStack): Promise<Config> {
  const trackedFile = join(PROJECT_ROOT, `Pulumi.${stack}.yaml`);
  const baseFile = trackedBefore(stack);
  const [tracked, base, copy] = await Promise.all([
    textOf(trackedFile),
    textOf(baseFile),
    textOf(localConfigFile(stack)),
  ]);
  const mine = stackFile(copy ?? "", localConfigFile(stack));
  if (copy !== undefined && tracked === base) return mine.config ?? {};
  const theirs = stackFile(tracked ?? "", trackedFile).config ?? {};
  // Pulumi removes the copy along with a stack: then it starts anew.
  const before = copy === undefined ? {} : (stackFile(base ?? "", baseFile).config ?? {});
  const config = mergeConfig(theirs, before, mine.config ?? {});
  await mkdir(LOCAL_PROJECT, { recursive: true, mode: 0o700 });
  await write(join(LOCAL_PROJECT, "Pulumi.yaml"), "name: propiq-cache\nruntime: nodejs\n");
  await write(localConfigFile(stack), writeYaml({ ...mine, config }));
  await write(baseFile, tracked ?? "");
  return config;
}

/** A three-way merge by key: `theirs` where it differs from `before`, else `mine`. */
export function mergeConfig(theirs: Config, before: Config, mine: Config): Config {
  const merged: Config = { ...mine };
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(before)])) {
    if (isDeepStrictEqual(theirs[key], before[key])) continue;
    if (key in theirs) merged[key] = theirs[key];
    else delete merged[key];
  }
  return merged;
}

/** Sets one plain key of the machine's copy, as `pulumi config set` would. */
export async function setLocalConfig(stack: LocalStack, key: string, value: string): Promise<void> {
  const file = localConfigFile(stack);
  const mine = stackFile((await textOf(file)) ?? "", file);
  if (mine.config?.[key] === value) return;
  await write(file, writeYaml({ ...mine, config: { ...mine.config, [key]: value } }));
}

/**
 * Forgets what a removed stack leaves: its salt, the env file that `dev` writes, and
 * where a
 * secret was set, all of this machine's settings: a plan `external` without its URL would be of no use.
 */
export async function forgetRun(stack: LocalStack, say: (line: string) => void): Promise<void> {
  const file = localConfigFile(stack);
  const text = await textOf(file);
  if (text === undefined) return;
  const { config = {} } = stackFile(text, file);
  if (Object.values(config).some(isEncrypted)) {
    await Promise.all([file, trackedBefore(stack)].map((path) => rm(path, { force: true })));
    say(`The settings of stack ${stack} on this machine went with the secret in them.`);
    return;
  }
  const before = stackFile((await textOf(trackedBefore(stack))) ?? "", trackedBefore(stack)).config ?? {};
  const kept = Object.entries(config).filter(([key]) => key !== ENV_FILE || key in before);
  await write(file, writeYaml({ config: Object.fromEntries(kept) }));
}

function isEncrypted(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "secure" in value || Object.values(value).some(isEncrypted);
}

function stackFile(text: string, file: string): StackFile {
  let value: unknown;
  try {
    // Scalars as they are written: `1e3` and `0x1900` are not ports, whatever YAML makes of them.
    value = readYamlAsWritten(text) || {};
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw unreadable(file, error.message, error);
  }
  if (typeof value !== "object" || Array.isArray(value)) throw unreadable(file, "it is not a YAML object");
  const found = value as StackFile;
  if (found.config === undefined || found.config === null) return { ...found, config: {} };
  if (typeof found.config !== "object" || Array.isArray(found.config))
    throw unreadable(file, "its config is not an object");
  return found;
}

function unreadable(file: string, why: string, cause?: unknown): PropiqError {
  return new PropiqError(`${file} cannot be read: ${why}`, {
    code: "CONFIG_UNREADABLE",
    next: advice(
      "Fix the file. Compare it with the committed one:",
      program("git", "diff", "--", "Pulumi.*.yaml"),
    ),
    cause,
  });
}

/** @returns undefined where there is no such file @throws PropiqError for what is no file, or may not be read */
export async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unusable(file, error);
  }
}

async function write(file: string, text: string): Promise<void> {
  try {
    await replaceFile(file, text, PRIVATE);
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): PropiqError {
  return new PropiqError(`${file} cannot be read or written: ${fileErrorWords(error)}.`, {
    code: "FILE_UNUSABLE",
    next: advice(
      "See what stands there. Fix or remove it, then run the same command again.",
      program("ls", "-ld", file),
    ),
    cause: error,
  });
}
