/** An env file on disk: read whole, written whole or not at all, with its mode, owner and symlinks kept. */

import { randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  unlink,
} from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { advice } from "../../../base/advice.ts";
import { program, propiq } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";

/** The text of a file, or nothing where there is none. Latin-1 keeps every byte, whatever the file's encoding. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "EISDIR") {
      throw new PropiqError(`${path} is a folder, not an env file.`, {
        code: "ENV_FILE_UNUSABLE",
        next: advice("Name a file.", propiq("dev", "--env-file", "FILE")),
        cause: error,
      });
    }
    throw notAllowed(path, error);
  }
}

/**
 * Puts a text in a file's place in one step: anyone who reads, or kills us, finds the old text or the new one.
 * A new file is readable by its owner alone; an old one keeps mode and owner, except that a secret closes one of ours
 * to others; through a symlink the file behind it is written.
 */
export async function writeText(path: string, text: string, isSecret = false): Promise<void> {
  const target = await behindLinks(path);
  const old = await stat(target).catch(() => undefined);
  const temporary = join(dirname(target), `${temporaryPrefix(target)}${randomBytes(6).toString("hex")}`);
  await removeTemporary(target);
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text, "latin1");
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (old !== undefined) {
      const isClosed = isSecret && isOurs(old);
      await chmod(temporary, old.mode & (isClosed ? 0o700 : 0o7777));
      // Only root can give a file away; for others owner and group are their own already, or stay.
      await chown(temporary, old.uid, old.gid).catch(() => {});
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw notAllowed(path, error);
  }
}

/**
 * Takes from other users what they may do with a file that holds a password.
 * @returns false where it is not ours: then it stays as it is
 */
export async function closeToOthers(path: string): Promise<boolean> {
  // Windows has no such bits: a folder of the user is theirs alone.
  if (process.platform === "win32") return true;
  const target = await behindLinks(path);
  const file = await stat(target);
  if ((file.mode & 0o077) === 0) return true;
  if (!isOurs(file)) return false;
  await chmod(target, file.mode & 0o700);
  return true;
}

function isOurs({ uid }: { uid: number }): boolean {
  return uid === process.getuid?.();
}

/** Removes a file that was made for the block alone. */
export async function removeFile(path: string): Promise<void> {
  const target = await behindLinks(path);
  await removeTemporary(target);
  await unlink(target).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw notAllowed(path, error);
  });
}

/** Removes what a write left behind that was killed half-way. */
export async function removeTemporary(path: string): Promise<void> {
  const target = await behindLinks(path);
  const names = await readdir(dirname(target)).catch(() => []);
  const left = names.filter((name) => name.startsWith(temporaryPrefix(target)) && /[0-9a-f]{12}$/.test(name));
  await Promise.all(left.map((name) => rm(join(dirname(target), name), { force: true })));
}

function temporaryPrefix(target: string): string {
  return `${basename(target)}.propiq-cache-`;
}

/** The file that a path ends in, also where a symlink points to a file that does not exist yet. */
async function behindLinks(path: string): Promise<string> {
  let at = resolve(path);
  // As many links as Linux itself follows.
  for (let step = 0; step < 40; step += 1) {
    const link = await lstat(at).catch(() => undefined);
    if (!link?.isSymbolicLink()) return at;
    at = resolve(dirname(at), await readlink(at));
  }
  throw new PropiqError(`${path} is a symlink that refers to itself.`, {
    code: "ENV_FILE_UNUSABLE",
    next: advice("See where it points.", program("ls", "-l", path)),
  });
}

function notAllowed(path: string, error: unknown): unknown {
  const reason = {
    EACCES: "it is not allowed",
    EPERM: "it is not allowed",
    EROFS: "the disk is read-only",
    ENOSPC: "the disk is full",
    ENOENT: "its folder does not exist",
    ENOTDIR: "its folder is a file",
  }[codeOf(error) ?? ""];
  if (reason === undefined) return error;
  return new PropiqError(`${path} cannot be written or read: ${reason}.`, {
    code: "ENV_FILE_UNUSABLE",
    next: advice("See its permissions.", program("ls", "-ld", dirname(path), path)),
    cause: error,
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
