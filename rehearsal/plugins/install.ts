/** Puts stand-ins where Pulumi's engine looks for providers' plugins. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { STAND_INS, type StandInName } from "./stand-ins.ts";

/** Started with the stand-in's name, and then what the engine says. */
export const EXECUTABLE = join(import.meta.dirname, "stand-in");

/**
 * @param pulumiHome the PULUMI_HOME of the rehearsal, which no other project may share
 * @param executable `stand-in` of the project whose code runs
 * @returns the program that the engine starts
 */
export async function installStandIn(
  name: StandInName,
  pulumiHome: string,
  executable = EXECUTABLE,
): Promise<string> {
  return await installScript(name, pulumiHome, `exec '${executable}' ${name} "$@"`);
}

/** @param program of the real plugin, wherever it is installed */
export async function installReal(name: StandInName, pulumiHome: string, program: string): Promise<void> {
  await installScript(name, pulumiHome, `exec '${program}' "$@"`);
}

async function installScript(name: StandInName, pulumiHome: string, line: string): Promise<string> {
  // The engine ignores a folder that is a link, so it is a real one with a script that leads elsewhere.
  const folder = join(pulumiHome, "plugins", `resource-${name}-v${STAND_INS[name].sdk.version}`);
  await mkdir(folder, { recursive: true });
  const script = join(folder, `pulumi-resource-${name}`);
  await writeFile(script, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return script;
}
