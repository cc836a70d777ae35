/** The folder that holds everything of one machine, and keeps itself out of git: state and passphrase are in it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolder } from "./paths.ts";

/** As in the repository, so that git sees no change. */
export const IGNORE_FILE = `# Everything the project keeps on one machine: Pulumi state, passphrase of the local stacks, tools, caches.
# The folder itself is tracked because Pulumi's file back end requires it to exist.
*
!.gitignore
`;

/** Makes the folder with its `.gitignore`, or adds a missing one. A folder that cannot be written holds no secrets. */
export function ensureStateFolder(folder = stateFolder): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ".gitignore"), IGNORE_FILE, { flag: "wx" });
  } catch {
    // It exists, or nothing can be written here: the command that needs the folder reports that.
  }
}
