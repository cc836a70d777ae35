/** Which test files a run takes, and what they need of the machine. */
import { globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { loadedBy } from "./import-graph.ts";
import type { MachinePart } from "./machine-parts.ts";

/** `npm test`, and `npm run test:unit`, `test:pipeline` and `test:long`. */
export type Kind = "usual" | "unit" | "pipeline" | "long";

/** vitest's filter for the tests of a pass. Whoever names a file runs all of it but what only repeats. */
export const tagsOf = (kind: Kind, namesFiles: boolean): string =>
  ({
    usual: namesFiles ? "!long" : "!long && !pipeline",
    unit: "!long",
    pipeline: "pipeline && !long",
    long: "long || first-steps",
  })[kind];

/** Options of vitest that take the next word. */
const WITH_VALUE = /^(-t|--(testNamePattern|reporter|project|outputFile|maxWorkers|tags-filter|seed))$/;

/** The words that name files: vitest runs each file whose path contains one of them. */
export function pathsIn(words: readonly string[]): string[] {
  return words.filter((word, at) => !word.startsWith("-") && !WITH_VALUE.test(words[at - 1] ?? ""));
}

/** @param paths parts of paths; all files where there are none */
export function testFiles(kind: Kind, paths: readonly string[]): string[] {
  const all = globSync("test/**/*.test.ts", { cwd: PROJECT_ROOT }).map((file) => file.split(sep).join("/"));
  const named = paths.map((path) => path.replace(`${PROJECT_ROOT}/`, "").replace(/^\.\//, ""));
  const chosen = kind === "usual" && named.length > 0 ? () => true : IN_PASS[kind];
  return all
    .filter((file) => named.length === 0 || named.some((path) => file.includes(path)))
    .filter(chosen)
    .toSorted();
}

const OUTSIDE = /^node:(net|http|https|http2|tls|dgram|child_process|worker_threads)$/;

/** Asks only functions: nothing of its support starts a process or opens a socket. */
export function isUnit(file: string): boolean {
  const { packages } = loadedBy(join(PROJECT_ROOT, file));
  return [...packages].every(
    ([at, names]) =>
      !/^(test|rehearsal|examples)\//.test(relative(PROJECT_ROOT, at).split(sep).join("/")) ||
      ![...names].some((name) => OUTSIDE.test(name)),
  );
}

const textOf = (file: string): string => readFileSync(join(PROJECT_ROOT, file), "utf8");
const hasLong = (file: string): boolean => /\b(LONG|passes)\b/.test(textOf(file));
const isForPipeline = (file: string): boolean => /^\/\/ @module-tag pipeline$/m.test(textOf(file));

const IN_PASS: Readonly<Record<Kind, (file: string) => boolean>> = {
  usual: (file) => !isForPipeline(file),
  unit: isUnit,
  pipeline: isForPipeline,
  long: hasLong,
};

/** The parts of the machine that these files use. */
export function partsOf<Part extends Pick<MachinePart, "usedBy">>(
  files: readonly string[],
  parts: readonly Part[],
): Part[] {
  const loaded = new Set(files.flatMap((file) => [...loadedBy(join(PROJECT_ROOT, file)).files]));
  return parts.filter(({ usedBy }) => usedBy.some((file) => loaded.has(join(PROJECT_ROOT, file))));
}
