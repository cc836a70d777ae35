import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { ensureStateFolder, IGNORE_FILE } from "../../toolchain/state-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "propiq-state-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it("the folder is made with its .gitignore, and a missing one is added", () => {
  const folder = join(root, ".propiq");
  ensureStateFolder(folder);
  expect(readFileSync(join(folder, ".gitignore"), "utf8")).toBe(IGNORE_FILE);
  rmSync(join(folder, ".gitignore"));
  ensureStateFolder(folder);
  expect(existsSync(join(folder, ".gitignore"))).toBe(true);
});

it("the file is the one in the repository", () => {
  expect(readFileSync(join(PROJECT_ROOT, ".propiq", ".gitignore"), "utf8")).toBe(IGNORE_FILE);
});

it("git add -A commits neither state nor passphrase, also without the folder's own file", () => {
  const git = (...words: string[]) => execFileSync("git", words, { cwd: root, encoding: "utf8" });
  git("init", "--quiet");
  cpSync(join(PROJECT_ROOT, ".gitignore"), join(root, ".gitignore"));
  mkdirSync(join(root, ".propiq"));
  writeFileSync(join(root, ".propiq", "passphrase"), "secret");
  git("add", "-A");
  expect(git("ls-files")).toBe(".gitignore\n");
  ensureStateFolder(join(root, ".propiq"));
  git("add", "-A");
  expect(git("ls-files")).toBe(".gitignore\n.propiq/.gitignore\n");
});
