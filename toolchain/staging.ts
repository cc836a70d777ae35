/**
 * Tools are made in a folder of their own and moved into place whole: nobody ever sees half a tool, an interrupted
 * run leaves nothing that looks like one, and of two runs at once one wins.
 */
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

const STAGING = /^\.staging-(\d+)-/;

/** Runs the work with a new folder beside its later place. The folder is removed in the end, as are those of killed runs. */
export async function withStaging<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const folder = await mkdtemp(join(parent, `.staging-${process.pid}-`));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = STAGING.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Moves a finished folder to its place.
 * @param isWhole whether what already stands there will do; if so it stays and ours is left where it is
 */
export async function moveIntoPlace(staged: string, place: string, isWhole: () => boolean): Promise<void> {
  await mkdir(dirname(place), { recursive: true });
  try {
    await rename(staged, place);
  } catch (error) {
    if (isWhole()) return;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "EPERM") throw error;
    await rm(place, { recursive: true, force: true });
    await rename(staged, place);
  }
}

/** The size of all files below a folder, in bytes: how far a download has come. */
export async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(
      async ({ parentPath, name }) => (await stat(join(parentPath, name)).catch(() => undefined))?.size ?? 0,
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
