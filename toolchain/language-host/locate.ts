import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Where a module of the SDK lies, as the program would find it.
 * @throws Error in the words of Pulumi's own host, naming what installs it
 */
export function locateModule(module: string, programFolder: string, installCommand: string): string {
  try {
    return createRequire(join(programFolder, "program.js")).resolve(module);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new Error(`It looks like the Pulumi SDK has not been installed. Have you run ${installCommand}?`, {
      cause: error,
    });
  }
}
