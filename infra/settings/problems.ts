/** Turns what is wrong with a stack's config into words: the key, what is allowed, the nearest spelling. */
import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";

/** What the program knows beside the config itself. */
export interface Context {
  stack: string;
  /** Whether a top-level key is stored as a secret. */
  isSecret: (key: string) => boolean;
}

/** One thing to mend. `key` is the path below the namespace, as in `azure.location`. */
export interface Problem {
  key: string;
  words: string;
}

/** All that is wrong with a stack's config, told at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly Problem[];

  constructor(stack: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? "1 thing is" : `${problems.length} things are`;
    const lines = problems.map(({ key, words }) => `  propiq-cache:${key}: ${words}`);
    super(`${count} wrong in the config of stack ${stack}; nothing was changed.\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** The known word that a typing mistake probably meant, or nothing where none is near. */
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
    }));
  }
  // A union of which one form came close (an object or a list of such): the issues of that form say more.
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

/** A value only where it is a short plain word or number: a URL or password that landed in the wrong key is not repeated. */
function describeValue(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return `, not ${value}`;
  return typeof value === "string" && /^[\w.-]{0,24}$/.test(value) ? `, not "${value}"` : "";
}

function suggestion(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}

function shown(key: string): string {
  return /^[\w.-]{1,40}$/.test(key) ? key : "(a key with other characters)";
}
