/** Which modules a module loads, directly or by others. Types load nothing. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Loaded {
  /** Files of the project, the first one included. */
  files: ReadonlySet<string>;
  /** Packages and parts of Node, by the file that names them: `node:net`, `ioredis`. */
  packages: ReadonlyMap<string, ReadonlySet<string>>;
}

/** `import x from "y"`, `export … from "y"`, `import "y"`, `await import("y")`; not `import type`. */
const IMPORTS =
  /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s*)?["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;

const direct = new Map<string, readonly string[]>();

/** @param file its absolute path */
export function loadedBy(file: string): Loaded {
  const files = new Set<string>();
  const packages = new Map<string, Set<string>>();
  const queue = [file];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    if (files.has(at)) continue;
    files.add(at);
    for (const name of importsOf(at)) {
      if (name.startsWith(".")) queue.push(join(dirname(at), name));
      else packages.set(at, (packages.get(at) ?? new Set()).add(name));
    }
  }
  return { files, packages };
}

function importsOf(file: string): readonly string[] {
  const known = direct.get(file);
  if (known !== undefined) return known;
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const names = [...text.matchAll(IMPORTS)].map(([, named = "", loaded = ""]) => named || loaded);
  direct.set(file, names);
  return names;
}
