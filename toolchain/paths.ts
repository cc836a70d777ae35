/** Where the tools are kept. Everything of one machine lies below `.propiq/`, which git ignores. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { PROJECT_ROOT } from "../base/paths.ts";

export const projectRoot = PROJECT_ROOT;

/** State, tools, caches and histories of this machine. The folder itself is tracked; what is in it is not. */
export const stateFolder = join(projectRoot, ".propiq");

/** Node's compile cache, shared by the program, the provider, the language host and the command line. */
export const compileCacheFolder = join(stateFolder, "cache", "compile");

type Environment = Readonly<Record<string, string | undefined>>;

/** The project's own Pulumi home. A CLI that is built here stays here, so that no other project picks it up. */
export const ownPulumiHome = join(stateFolder, "pulumi");

/**
 * The PULUMI_HOME of every command of the project: the variable where it is set, else the project's own.
 */
export function pulumiHome(env: Environment): string {
  return env["PULUMI_HOME"] ? resolve(env["PULUMI_HOME"]) : ownPulumiHome;
}

/** Where the npm package `pulumi` and the Automation API keep a CLI of one version, language hosts beside it. */
export function cliFolder(home: string, version: string): string {
  return join(home, "versions", version, "bin");
}

/** Pulumi's usual home, where its install script puts it; never written to by us. */
export function usualPulumiHome(env: Environment): string {
  return join(env["HOME"] || homedir(), ".pulumi");
}

/** The file name of a program: Windows needs an extension. */
export function executable(name: string): string {
  return process.platform === "win32" ? `${name}.exe` : name;
}
