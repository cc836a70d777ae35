/** The Python kit's own tests, by pytest, and what else its users may expect of a package: types, style, installing. */
import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { hasPythonForTests, KIT, pythonForTests } from "./python.ts";

const run = promisify(execFile);
const TESTS = join(PROJECT_ROOT, "test", "examples", "python", "tests");

const python = (await hasPythonForTests()) ? await pythonForTests() : undefined;

/** @returns what it prints; where it fails, the error has that */
async function module(name: string, args: readonly string[], cwd = KIT): Promise<string> {
  const env = { PATH: process.env["PATH"], PYTHONPATH: KIT, PYTHONDONTWRITEBYTECODE: "1" };
  const caches = { MYPY_CACHE_DIR: "/dev/null", RUFF_NO_CACHE: "true" };
  try {
    const { stdout } = await run(python ?? "", ["-m", name, ...args], {
      cwd,
      env: { ...env, ...caches },
      maxBuffer: 10_000_000,
    });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${name} ${args.join(" ")}\n${stdout}\n${stderr}`);
  }
}

describe.skipIf(python === undefined)("the Python kit", () => {
  let modules: string[];
  beforeAll(async () => {
    modules = (await readdir(TESTS)).filter((name) => name.startsWith("test_")).toSorted();
  });

  it("has tests of its own, which pass", async () => {
    expect(modules.length).toBeGreaterThan(3);
    expect(await module("pytest", [], TESTS)).toMatch(/\d+ passed/);
  });

  it("is typed strictly", async () => {
    expect(await module("mypy", ["--strict", "propiq_cache"])).toContain("no issues found");
  });

  it("keeps to its style, tests included", async () => {
    await module("ruff", ["check", "propiq_cache"]);
    await module("ruff", [
      "format",
      "--check",
      "--config",
      join(KIT, "pyproject.toml"),
      "propiq_cache",
      join(TESTS, ".."),
    ]);
  });

  it("is installed by pip, with its types", async () => {
    const folder = await mkdtemp(join(tmpdir(), "kit-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await cp(KIT, join(folder, "source"), { recursive: true });
    const offline = [
      "--no-index",
      "--no-deps",
      "--no-build-isolation",
      "--target",
      join(folder, "installed"),
    ];
    await module("pip", ["install", "--quiet", ...offline, join(folder, "source")]);
    const files = await readdir(join(folder, "installed", "propiq_cache"));
    expect(files).toContain("py.typed");
    const kit = (await readdir(join(KIT, "propiq_cache"))).filter((name) => name.endsWith(".py"));
    expect(files).toEqual(expect.arrayContaining(kit));
  });
});
