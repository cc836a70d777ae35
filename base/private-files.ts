/** Files that are written whole or not at all, and that no other user reads. */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** For a file that names hosts or holds secrets. */
export const PRIVATE = 0o600;
/** For a file that anyone may read, as far as the umask allows. */
export const SHARED = 0o666;

/**
 * Replaces a file in one step. The temporary file beside it has a name that nobody can plant: opened only if it does
 * not exist, so never through a link.
 */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(12).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
