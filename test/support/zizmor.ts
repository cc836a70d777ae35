/** zizmor, from its Python package, kept in `.propiq/`: says what is unsafe in workflows. */
import { execFile } from "node:child_process";
import { mkdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { programs } from "../../toolchain/on-path.ts";

const run = promisify(execFile);

const VERSION = "1.32.0";
const FOLDER = join(PROJECT_ROOT, ".propiq", "tools", `zizmor-${VERSION}`);

/** Gets it where it does not exist yet. @returns its path, or nothing where this machine cannot get it */
export async function ensureZizmor(): Promise<string | undefined> {
  const bin =
    process.platform === "win32" ? join(FOLDER, "Scripts", "zizmor.exe") : join(FOLDER, "bin", "zizmor");
  if (await stat(bin).catch(() => undefined)) return bin;
  const [python] = programs("python3", process.env);
  if (python === undefined) return undefined;
  try {
    await mkdir(dirname(FOLDER), { recursive: true });
    await run(python, ["-m", "venv", FOLDER]);
    await run(join(dirname(bin), "pip"), [
      ...["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"],
      `zizmor==${VERSION}`,
    ]);
    return bin;
  } catch (error) {
    console.warn(`zizmor cannot be got: ${String(error)}`);
    await rm(FOLDER, { recursive: true, force: true });
    return undefined;
  }
}
