/** The machine's Python with the packages that the Python kit names, kept between runs: getting them takes longer. */
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { installWithoutServices } from "../../support/apt.ts";
import { IN_PIPELINE, lacks } from "../../support/parts.ts";

const run = promisify(execFile);

export const KIT = join(PROJECT_ROOT, "examples", "python");
const REQUIREMENTS = join(KIT, "requirements.txt");
/** A file in a finished one: its folder is moved, so its scripts do not run. Modules do: `python -m NAME`. */
const INSTALLED = "complete";
const TEST_REQUIREMENTS = join(PROJECT_ROOT, "test", "examples", "python", "requirements.txt");
/** Debian has the part that fills a venv in a package of its own. */
const ENOUGH = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

/** Whether there is one that will do; in a pipeline that may install, it is installed first. */
export async function hasPython(): Promise<boolean> {
  if (!isEnough() && process.env["CI"] === "true") {
    await installWithoutServices(["python3", "python3-venv"]).catch(() => {});
  }
  return isEnough();
}

function isEnough(): boolean {
  try {
    execFileSync("python3", ["-c", ENOUGH], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** @returns the path of a Python that has what the kit needs, and nothing else */
export const pythonWithPackages = (): Promise<string> => pythonWith("python-kit", REQUIREMENTS);

/** @returns the path of a Python that also has what the kit's own tests need */
export const pythonForTests = (): Promise<string> => pythonWith("python-tests", TEST_REQUIREMENTS);

/** Whether there is one. A developer's machine may have no network to install the packages from. */
export async function hasPythonForTests(): Promise<boolean> {
  if (lacks("Python 3.11 with venv", await hasPython())) return false;
  try {
    await pythonForTests();
    return true;
  } catch (error) {
    if (IN_PIPELINE) throw error;
    console.warn(`Tests of the Python kit are skipped: their packages could not be installed. ${error}`);
    return false;
  }
}

/** @param requirements a file; the packages of the kit are not installed with it unless it names them */
export async function pythonWith(name: string, requirements: string): Promise<string> {
  const text = [...new Set([requirements, REQUIREMENTS])].map((path) => readFileSync(path, "utf8")).join("");
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  const venv = join(PROJECT_ROOT, ".propiq", "test", "python", `${name}-${hash}`);
  if (!existsSync(join(venv, INSTALLED))) await install(venv, requirements);
  return join(venv, "bin", "python");
}

/** Beside its place, then moved there as a whole: several test files do this at the same time. */
async function install(venv: string, requirements: string): Promise<void> {
  await mkdir(dirname(venv), { recursive: true });
  const made = await mkdtemp(`${venv}-`);
  const python = join(made, "bin", "python");
  await run("python3", ["-m", "venv", made]);
  await run(python, ["-m", "pip", "install", "--quiet", "--requirement", requirements]);
  await writeFile(join(made, INSTALLED), "");
  try {
    await rename(made, venv);
  } catch (error) {
    await rm(made, { recursive: true, force: true });
    // Another test file was faster.
    if (!existsSync(join(venv, INSTALLED))) throw error;
  }
}
