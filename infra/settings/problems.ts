/** The errors of a stack's config in words: the key, what is allowed, the nearest spelling. */

import { closest, distance } from "fastest-levenshtein";
import type * as v from "valibot";
import { commandLine, pulumi } from "../../base/command.ts";
import { counted } from "../../base/counted.ts";

/** What the program knows in addition to the config itself. */
export interface Context {
  stack: string;
  /** Whether a top-level key is stored as a secret. */
  isSecret: (key: string) => boolean;
  /** The keys of other namespaces in the same config, as in `azure-native:location`. */
  otherKeys?: readonly string[];
}

/** One error of a config. `key` is the path below the namespace, as in `azure.location`. */
export interface Problem {
  key: string;
  /** Where the key is not in our own namespace. */
  namespace?: string;
  words: string;
  /** The key, as `pulumi config rm` takes it, where removing it is a fix. */
  remove?: string;
}

/** Every error of a stack's config, reported together. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[]) {
    const count = counted(problems.length, "error");
    const lines = problems.flatMap((problem) => problemLines(problem, stack));
    super(
      `The config of stack ${stack} has ${count}. Nothing was changed.\n${lines.map((line) => `  ${line}`).join("\n")}`,
    );
    this.problems = problems;
  }
}

/** A problem as users read it. */
export function problemLines({ key, words, remove, namespace }: Problem, stack: string): string[] {
  const line = `${namespace ?? "propiq-cache"}:${key}: ${words}`;
  if (remove === undefined) return [line];
  // Without a path Pulumi takes dots for a part of the name.
  const path = remove.includes(".") ? ["--path", remove] : [remove];
  return [line, `  To remove it: ${commandLine(pulumi(stack, "config", "rm", ...path))}`];
}

/** The known word that is nearest to a misspelt one; undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || word.length > 60) return undefined;
  const found = closest(word.toLowerCase(), known as string[]);
  return distance(word.toLowerCase(), found) <= Math.max(2, Math.floor(word.length / 3)) ? found : undefined;
}

/** One of valibot's issues. */
export type Issue = v.BaseIssue<unknown>;

/** The path of an issue's value below the namespace. */
export function pathIn(issue: Issue): PropertyKey[] {
  return (issue.path ?? []).map(({ key }) => key as PropertyKey);
}

/** The keys that nothing reads beside the one that the issue names: valibot reports the first of an object only. */
export function unknownKeys(
  issue: Issue,
  known: (path: readonly PropertyKey[]) => readonly string[],
): string[] {
  const last = issue.path?.at(-1);
  if (issue.type !== "strict_object" || issue.expected !== "never" || last?.type !== "object") return [];
  const allowed = known(pathIn(issue).slice(0, -1));
  return Object.keys(last.input).filter((key) => !allowed.includes(key));
}

/** Words about one issue. `input` is the value of the whole config, `mayShow` whether its texts may be repeated. */
export function describeIssue(
  issue: Issue,
  input: unknown,
  known: (path: readonly PropertyKey[]) => readonly string[],
  mayShow: (path: readonly PropertyKey[]) => boolean,
): Problem[] {
  const path = pathIn(issue);
  const unknown = unknownKeys(issue, known);
  if (unknown.length > 0) {
    const above = path.slice(0, -1);
    const allowed = known(above);
    return unknown.map((key) => ({
      key: [...above.map(String), shown(key)].join("."),
      words: `there is no such key${suggestion(key, allowed)}; allowed: ${allowed.join(", ")}`,
      ...(isPlain(key) ? { remove: pathOf([...above, key]) } : {}),
    }));
  }
  const at = path.map(String).join(".");
  // Not the issue's own input, which may be transformed already.
  const value = path.reduce<unknown>(
    (whole, step) => (typeof whole === "object" && whole !== null ? Reflect.get(whole, step) : undefined),
    input,
  );
  if (value === undefined) return [{ key: at, words: `is missing; must be ${issue.message}` }];
  const given = mayShow(path) ? describeValue(value) : "";
  const options = Array.isArray(issue.requirement) ? issue.requirement.map(String) : [];
  const hint = mayShow(path) && typeof value === "string" ? suggestion(value, options) : "";
  return [{ key: at, words: `must be ${issue.message}${given}${hint}` }];
}

/** Repeats only short plain words and numbers: the value may be a URL or password under the wrong key. */
function describeValue(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return `, not ${value}`;
  return typeof value === "string" && /^[\w.-]{0,24}$/.test(value) ? `, not "${value}"` : "";
}

function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}

function shown(key: string): string {
  return isPlain(key) ? key : "(a key with other characters)";
}

function isPlain(key: string): boolean {
  return /^[\w.-]{1,40}$/.test(key);
}

/** A path as Pulumi reads it: `app[0].nmae`. */
function pathOf(steps: readonly PropertyKey[]): string {
  return steps
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : `${index === 0 ? "" : "."}${String(step)}`,
    )
    .join("");
}
