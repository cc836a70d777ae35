/** Ways in which other people come to the secrets of a stack: a commit, and other users of this machine. */
import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Advice, advice } from "../../base/advice.ts";
import { program, propiq } from "../../base/command.ts";
import { fromRoot } from "../../base/paths.ts";

/** An env file that git tracks: the next commit holds the password. @returns undefined where git does not track it */
export async function trackedAdvice(envFile: string): Promise<Advice | undefined> {
  const path = fromRoot(envFile);
  const words = ["ls-files", "--error-unmatch", "--", path];
  const isTracked = await promisify(execFile)("git", words, { cwd: dirname(path) }).then(
    () => true,
    // Not tracked, not in a repository, or no git: nothing can be committed by accident.
    () => false,
  );
  if (!isTracked) return undefined;
  return advice(
    `${envFile} is tracked by git, so the next commit contains the cache's settings and its password. Add it to .gitignore too.`,
    program("git", "rm", "--cached", "--", envFile),
  );
}

/** @returns undefined where this machine has no other users */
export async function sharedMachineAdvice(
  stack: string,
  homes: readonly string[] = HOMES,
): Promise<Advice | undefined> {
  if (!(await hasOtherUsers(homes))) return undefined;
  return advice(
    "The cache has no password, and this machine has other users: each of them can read and change what it holds. Give it a password.",
    propiq("config", "set", "localPassword=true", "--stack", stack),
    propiq("dev"),
  );
}

/** Where people have their folders on Linux and macOS. */
const HOMES = ["/home", "/Users"];
/** Below are accounts of services. */
const FIRST_PERSON = 500;

async function hasOtherUsers(homes: readonly string[]): Promise<boolean> {
  const own = process.getuid?.();
  if (own === undefined) return false;
  const owners = await Promise.all(
    homes.map(async (home) => {
      const names = await readdir(home).catch(() => []);
      return await Promise.all(
        names.map(async (name) => (await stat(join(home, name)).catch(() => undefined))?.uid ?? own),
      );
    }),
  );
  return owners.flat().some((uid) => uid !== own && uid >= FIRST_PERSON);
}
