/** The folder in which the project keeps what belongs to this machine alone; git ignores what is in it. */
import { join } from "node:path";
import { PROJECT_ROOT } from "../../infra/paths.ts";

export const STATE_FOLDER = join(PROJECT_ROOT, ".propiq");
