/** Puts stand-ins where Pulumi's engine looks for providers' plugins. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { STAND_INS, type StandInName } from "./stand-ins.ts";

/** Started with the stand-in's name, and then what the engine says. */
export const EXECUTABLE = join(import.meta.dirname, "stand-in");

/**
 * @param pulumiHome the PULUMI_HOME of the test, which no other project may share
 * @returns the executable that the engine starts
 */
export async function installStandIn(name: StandInName, pulumiHome: string): Promise<string> {
  // A folder that is a link is passed over, so it is a real one with a script that leads here.
  const folder = join(pulumiHome, "plugins", `resource-${name}-v${STAND_INS[name].sdk.version}`);
  await mkdir(folder, { recursive: true });
  const script = `#!/bin/sh\nexec '${EXECUTABLE}' ${name} "$@"\n`;
  const executable = join(folder, `pulumi-resource-${name}`);
  await writeFile(executable, script, { mode: 0o755 });
  return executable;
}
