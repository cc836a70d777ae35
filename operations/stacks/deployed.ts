/** The last words of an update: what users have now, and the command that verifies it. */
import { commandLine, isLocalStack, propiq } from "../../base/command.ts";
import { labelOf } from "./azure.ts";
import { readStackConfig, type StackConfig } from "./config-file.ts";

/** @returns two lines */
export async function deployedLines(stack: string): Promise<string[]> {
  return linesOf(await readStackConfig(stack));
}

export function linesOf({ stack, settings }: Pick<StackConfig, "stack" | "settings">): string[] {
  const { apps, plan, enabled, envFile } = settings;
  const managed = apps.filter(({ manage }) => manage).map(labelOf);
  const places = [...managed, ...(envFile === undefined ? [] : [`each app that reads ${envFile}`])];
  const who = places.length === 0 ? "no app" : places.join(", ");
  const verb = places.length > 1 ? "use" : "uses";
  const words = [
    "verify",
    "--stack",
    stack,
    ...(managed.length > 0 && !isLocalStack(stack) ? ["--app"] : []),
  ];
  return [
    enabled
      ? `Now: ${who} ${verb} the cache of plan ${plan}.`
      : `Now: the cache of plan ${plan} is disabled, and the apps run without it.`,
    `Verify: ${commandLine(propiq(...words))}`,
  ];
}
