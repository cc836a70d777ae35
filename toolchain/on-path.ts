/** Finds programs as a shell would. */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Every program of this name, in the order of PATH and then of `alsoIn`. Relative entries of PATH are passed over:
 * what they mean depends on where one stands.
 */
export function programs(name: string, env: Environment, alsoIn: readonly string[] = []): string[] {
  const folders = [...(env["PATH"] ?? "").split(delimiter), ...alsoIn].filter((folder) => isAbsolute(folder));
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return [...new Set(folders)].map((folder) => join(folder, file)).filter(isExecutable);
}

/** Whether a file is there and may be run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    const found = statSync(file);
    return found.isFile() && found.size > 0;
  } catch {
    return false;
  }
}
