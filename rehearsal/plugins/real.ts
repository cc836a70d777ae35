/** The real plugins of the providers: where they are installed, and how they are downloaded. */
import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { runDownload } from "../../toolchain/download.ts";
import { isExecutable } from "../../toolchain/on-path.ts";
import { executable, ownPulumiHome, pulumiHome, usualPulumiHome } from "../../toolchain/paths.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { whyUnreachable } from "../../toolchain/reachable.ts";
import { STAND_INS, type StandInName } from "./stand-ins.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Name = Exclude<StandInName, "docker">;

const PACKAGES: Readonly<Record<Name, string>> = {
  "azure-native": "@pulumi/azure-native",
  upstash: "@upstash/pulumi",
};
/** What is asked before Pulumi is: its own client waits for minutes where nothing answers. */
const PROBES: Readonly<Record<Name, (version: string) => string>> = {
  "azure-native": (version) =>
    `https://get.pulumi.com/releases/plugins/pulumi-resource-azure-native-v${version}-${SYSTEM}.tar.gz`,
  upstash: (version) => `https://api.github.com/repos/upstash/pulumi-upstash/releases/tags/v${version}`,
};

const SYSTEM = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

/** @returns the program of the version that the SDK asks for; nothing where none is installed */
export async function findRealPlugin(name: Name, env: Environment): Promise<string | undefined> {
  for (const home of new Set([pulumiHome(env), ownPulumiHome, usualPulumiHome(env)])) {
    const folder = join(home, "plugins", `resource-${name}-v${STAND_INS[name].sdk.version}`);
    const program = join(folder, executable(`pulumi-resource-${name}`));
    if (isExecutable(program) && !existsSync(`${folder}.partial`) && !(await isScript(program)))
      return program;
  }
  return undefined;
}

/** The real ones are binaries; our stand-ins are scripts, wherever a user has installed them. */
async function isScript(program: string): Promise<boolean> {
  const file = await open(program);
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(2), position: 0 });
    return buffer.toString("latin1") === "#!";
  } finally {
    await file.close();
  }
}

/** @returns why it is not available, if so */
export async function downloadRealPlugin(
  name: Name,
  cli: PulumiCli,
  { say, env }: { say: (line: string) => void; env: Environment },
): Promise<string | undefined> {
  const { version } = STAND_INS[name].sdk;
  const unreachable = await whyUnreachable(PROBES[name](version));
  if (unreachable !== undefined) return unreachable;
  const server = await serverOf(name);
  const end = await runDownload({
    what: `Pulumi's plugin ${name} ${version}`,
    command: cli.bin,
    args: [
      "plugin",
      "install",
      "resource",
      name,
      version,
      ...(server === undefined ? [] : ["--server", server]),
    ],
    env: { ...env, ...cli.env },
    folders: [join(cli.home, "plugins")],
    say,
  });
  if ("why" in end) return end.why;
  if (end.code === 0) return undefined;
  return `its download failed: ${end.stderr.trim().split("\n").at(-1)?.slice(0, 200) || "no reason given"}`;
}

/** Where plugins are that Pulumi itself does not publish. */
async function serverOf(name: Name): Promise<string | undefined> {
  const file = join(PROJECT_ROOT, "node_modules", PACKAGES[name], "package.json");
  const { pulumi } = JSON.parse(await readFile(file, "utf8")) as { pulumi?: { server?: string } };
  return pulumi?.server;
}
