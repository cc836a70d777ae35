/** The passphrase of the local stacks: made once for this machine, readable by its owner alone. */
import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stateFolder } from "../../toolchain/paths.ts";

export const PASSPHRASE_FILE = join(stateFolder, "passphrase");

/** Makes it if it does not exist yet. Two at once end with the same one. */
export async function ensurePassphrase(): Promise<void> {
  const existing = await readFile(PASSPHRASE_FILE, "utf8").catch(() => "");
  if (existing.trim() !== "") return;
  await mkdir(stateFolder, { recursive: true });
  const temporary = `${PASSPHRASE_FILE}.${process.pid}.tmp`;
  await writeFile(temporary, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  // Unlike a rename, a link never replaces the one that another user just made.
  await link(temporary, PASSPHRASE_FILE).catch(() => {});
  await rm(temporary, { force: true });
}

export async function forgetPassphrase(): Promise<void> {
  await rm(PASSPHRASE_FILE, { force: true });
}
