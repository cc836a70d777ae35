/** Changes of a stack's config file, without Pulumi: checked before they are written, and its comments stay. */
import { stat } from "node:fs/promises";
import { relative } from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { replaceFile } from "../../base/private-files.ts";
import { ConfigError, type Problem } from "../../infra/settings/problems.ts";
import { parseSettings } from "../../infra/settings/settings.ts";
import { configIn, contextOf, fileOf, NAMESPACE, ownIn, stackFile, textsOf } from "./config-file.ts";

/** One key by its path below our namespace; without a value it is removed. */
export interface ConfigChange {
  path: readonly [string, ...(string | number)[]];
  value?: unknown;
}

/** Changes keys of the stack's file; its comments, and whatever else stands there, stay. */
export async function changeStackConfig(stack: string, changes: readonly ConfigChange[]): Promise<void> {
  const { path, text: old } = await stackFile(stack);
  const text = withChanges(old, changes);
  if (text !== old) await writeInPlace(path, text);
}

/** The text of the stack's file with these changes; the file itself stays as it is. */
export async function stackConfigWith(stack: string, changes: readonly ConfigChange[]): Promise<string> {
  return withChanges((await stackFile(stack)).text, changes);
}

export interface CheckedChange {
  /** For messages. */
  file: string;
  /** Our keys as they are before the change. */
  own: Readonly<Record<string, unknown>>;
  /** Errors that the config has only with the change. */
  errors: readonly Problem[];
}

/**
 * What the config would be with these changes; nothing is written.
 * @param secrets values of top-level keys that will be stored as secrets
 */
export async function checkChange(
  stack: string,
  changes: readonly ConfigChange[],
  secrets: Readonly<Record<string, string>> = {},
): Promise<CheckedChange> {
  const { path, text: old } = await stackFile(stack);
  const before = new Set(problemsIn(old, path, stack, {}).map(sameProblem));
  const errors = problemsIn(withChanges(old, changes), path, stack, secrets).filter(
    (problem) => !before.has(sameProblem(problem)),
  );
  return { file: relative(PROJECT_ROOT, path), own: ownIn(configIn(old, path)), errors };
}

const sameProblem = ({ key, words, namespace }: Problem) => JSON.stringify([namespace, key, words]);

function problemsIn(
  text: string,
  path: string,
  stack: string,
  secrets: Readonly<Record<string, string>>,
): readonly Problem[] {
  const config = configIn(text, path);
  const sealed = Object.keys(secrets).map((key) => [key, { secure: "" }]);
  const own = { ...ownIn(config), ...Object.fromEntries(sealed) };
  try {
    parseSettings({ ...textsOf(own), ...secrets }, contextOf(own, config, stack));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** Puts a text that `stackConfigWith` returned earlier back in the stack's file. */
export async function restoreStackConfig(stack: string, text: string): Promise<void> {
  await writeInPlace(await fileOf(stack), text);
}

function withChanges(text: string, changes: readonly ConfigChange[]): string {
  const document = parseDocument(text);
  for (const {
    path: [top, ...below],
    value,
  } of changes) {
    const at = ["config", NAMESPACE + top, ...below];
    if (value === undefined) document.deleteIn(at);
    else {
      // Maps and lists on the way that do not exist yet, or are empty, as in `azure:`.
      for (let end = 2; end < at.length; end += 1) {
        const isIndex = typeof at[end] === "number";
        const there = document.getIn(at.slice(0, end));
        if (!(isIndex ? isSeq(there) : isMap(there)))
          document.setIn(at.slice(0, end), document.createNode(isIndex ? [] : {}));
      }
      document.setIn(at, value);
    }
  }
  return changes.length === 0 ? text : document.toString({ lineWidth: 0 });
}

/** Whole or not at all, with the file's own mode. */
async function writeInPlace(path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text, (await stat(path)).mode & 0o777);
  } catch (error) {
    throw new PropiqError(`${relative(PROJECT_ROOT, path)} could not be written.`, {
      code: "CONFIG_UNREADABLE",
      next: advice("Check that you may write there, and that the disk is not full."),
      cause: error,
    });
  }
}
