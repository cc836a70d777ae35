/** A shell in the emulated clouds: every command of the documentation, by hand. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { commandLine, propiq, pulumi } from "../../base/command.ts";
import type { Job } from "./job.ts";
import type { Stage } from "./stage.ts";

/** @returns the shell's exit code */
export async function openShell(stage: Stage, { folder }: Job): Promise<number> {
  const { clouds, env, root, stack, plan } = stage;
  const [site] = clouds.sites;
  const lines = [
    "",
    `This shell is in a copy of the project. Its Azure, its Upstash and its app run on this machine.`,
    `Stack ${stack} (${plan}) is not deployed yet. Try:`,
    ...[
      propiq("preflight", "--stack", stack),
      pulumi(stack, "up"),
      propiq("verify", "--stack", stack, ...(stage.hasApps ? ["--app"] : [])),
    ].map((command) => `  ${commandLine(command)}`),
    ...(site === undefined ? [] : ["  curl --cacert $APP_CA $APP_URL/health"]),
    "Type exit to end it. Everything in it is deleted then.",
    "",
  ];
  if (process.stdin.isTTY) process.stderr.write(`${lines.join("\n")}\n`);
  // A person's own start-up files may set accounts and folders again.
  const args = process.stdin.isTTY ? ["--noprofile", "--norc", "-i"] : ["--noprofile", "--norc"];
  const shell = spawn("bash", args, {
    cwd: root,
    env: {
      ...env,
      PS1: "rehearsal:\\w\\$ ",
      HISTFILE: join(folder, "history"),
      ...(site === undefined ? {} : { APP_URL: site.url, APP_CA: clouds.authority.own.cert }),
    },
    stdio: "inherit",
  });
  const [code] = (await once(shell, "exit")) as [number | null];
  return code ?? 1;
}
