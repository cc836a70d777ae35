/** Lays our language host beside a CLI that was built here: `pulumi-language-nodejs`, where the engine looks first. */
import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { projectRoot } from "../paths.ts";

const MARK = "propiq-cache's language host";

const FILE_NAME = process.platform === "win32" ? "pulumi-language-nodejs.cmd" : "pulumi-language-nodejs";

/** Finds the project relative to itself, so that a clone can move. */
function script(binFolder: string): string {
  const up = relative(binFolder, projectRoot);
  if (process.platform === "win32") {
    return [
      "@echo off",
      `rem ${MARK}`,
      `set "root=%~dp0${up}"`,
      '"%root%\\node_modules\\.bin\\node.cmd" --require "%root%\\infra\\compile-cache.cjs" "%root%\\toolchain\\language-host\\main.ts" %*',
      "",
    ].join("\r\n");
  }
  return [
    "#!/bin/sh",
    `# ${MARK}: Pulumi's own is in no package registry.`,
    `root=$(CDPATH= cd -- "$(dirname -- "$0")/${up.split(sep).join("/")}" && pwd -P) || exit 1`,
    'exec "$root/node_modules/.bin/node" --require "$root/infra/compile-cache.cjs" "$root/toolchain/language-host/main.ts" "$@"',
    "",
  ].join("\n");
}

/**
 * Writes the language host's executable into a CLI's folder, unless it is already there.
 * @param place where the folder will be in the end, when it is being staged elsewhere
 */
export async function layLanguageHost(binFolder: string, place = binFolder): Promise<void> {
  const file = join(binFolder, FILE_NAME);
  const text = script(place);
  if ((await readFile(file, "utf8").catch(() => "")) === text) return;
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, text, { mode: 0o755 });
  await chmod(draft, 0o755);
  await rename(draft, file);
}

/** Whether the CLI of a folder is one that was built here. */
export async function isOurs(binFolder: string): Promise<boolean> {
  return (await readFile(join(binFolder, FILE_NAME), "utf8").catch(() => "")).includes(MARK);
}
