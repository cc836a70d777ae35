/** The errors of a stack's config in words: the key, what is allowed, the nearest spelling. */

import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
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

/** Words about one zod issue. `input` is the value of the whole config, `mayShow` whether its texts may be repeated. */
export function describeIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  known: (path: readonly PropertyKey[]) => readonly string[],
  mayShow: (path: readonly PropertyKey[]) => boolean,
): Problem[] {
  const at = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys") {
    const allowed = known(issue.path);
    return issue.keys.map((key) => ({
      key: at === "" ? shown(key) : `${at}.${shown(key)}`,
      words: `there is no such key${suggestion(key, allowed)}; allowed: ${allowed.join(", ")}`,
      ...(isPlain(key) ? { remove: pathOf([...issue.path, key]) } : {}),
    }));
  }
  // One form of a union nearly matches (an object, or a list of objects): its own issues say more.
  if (issue.code === "invalid_union") {
    const branch = issue.errors.find((errors) =>
      errors.every((inner) => inner.path.length > 0 || inner.code === "unrecognized_keys"),
    );
    if (branch !== undefined && branch.length > 0) {
      return branch.flatMap((inner) =>
        describeIssue(
          { ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue,
          input,
          known,
          mayShow,
        ),
      );
    }
  }
  const value = issue.path.reduce<unknown>(
    (whole, step) => (typeof whole === "object" && whole !== null ? Reflect.get(whole, step) : undefined),
    input,
  );
  if (value === undefined) return [{ key: at, words: `is missing; must be ${issue.message}` }];
  const given = mayShow(issue.path) ? describeValue(value) : "";
  const options = issue.code === "invalid_value" ? issue.values.map(String) : [];
  const hint = mayShow(issue.path) && typeof value === "string" ? suggestion(value, options) : "";
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
