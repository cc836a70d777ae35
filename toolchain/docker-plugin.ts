/** The plugin of Pulumi's Docker provider: 30 MB from Pulumi's download host, unless it is there. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runChild } from "./child.ts";
import { runDownload } from "./download.ts";
import { programs } from "./on-path.ts";
import { projectRoot, usualPulumiHome } from "./paths.ts";
import type { PulumiCli } from "./pulumi.ts";
import { whyUnreachable } from "./reachable.ts";
import { withStaging } from "./staging.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export type DockerPlugin =
  | { found: true; version: string; from: "PATH" | "PULUMI_HOME" | "~/.pulumi" | "download" }
  | { found: false; reason: string };

export interface DockerPluginSearch {
  say: (line: string) => void;
  env?: Environment;
  /** Where plugin archives are, as `pulumi plugin install --server` takes it; Pulumi's own when absent. */
  server?: string;
}

const PROGRAM = "pulumi-resource-docker";
const SERVER = "https://get.pulumi.com/releases/plugins";

/** Finds the plugin of the version that the SDK package needs, and gets it where it is missing. */
export async function findDockerPlugin(
  cli: PulumiCli,
  { say, env = process.env, server }: DockerPluginSearch,
): Promise<DockerPlugin> {
  const version = await wantedVersion();
  // The engine takes one on PATH whatever its version.
  if (env["PULUMI_IGNORE_AMBIENT_PLUGINS"] === undefined && programs(PROGRAM, env).length > 0) {
    return { found: true, version, from: "PATH" };
  }
  if (isInstalled(cli.home, version)) return { found: true, version, from: "PULUMI_HOME" };
  const usual = usualPulumiHome(env);
  if (isInstalled(usual, version) && (await copyPlugin(cli, pluginFolder(usual, version), version, env))) {
    return { found: true, version, from: "~/.pulumi" };
  }
  const reason = await download(cli, version, { say, env, server });
  return reason === undefined ? { found: true, version, from: "download" } : { found: false, reason };
}

async function wantedVersion(): Promise<string> {
  const file = join(projectRoot, "node_modules", "@pulumi", "docker", "package.json");
  const { pulumi, version } = JSON.parse(await readFile(file, "utf8")) as {
    version: string;
    pulumi?: { version?: string };
  };
  return pulumi?.version ?? version;
}

function pluginFolder(home: string, version: string): string {
  return join(home, "plugins", `resource-docker-v${version}`);
}

/** The engine marks one that it is still unpacking by a file beside it. */
function isInstalled(home: string, version: string): boolean {
  const folder = pluginFolder(home, version);
  return programs(PROGRAM, { PATH: folder }).length > 0 && !existsSync(`${folder}.partial`);
}

/** The engine looks into its own home only, and passes links over. */
async function copyPlugin(
  cli: PulumiCli,
  folder: string,
  version: string,
  env: Environment,
): Promise<boolean> {
  const words = ["plugin", "install", "resource", "docker", version, "--file", folder];
  const end = await runChild(cli.bin, words, { stdio: "capture", env: { ...env, ...cli.env } });
  return end.code === 0;
}

/** @returns why it cannot be had, in words, if so */
async function download(
  cli: PulumiCli,
  version: string,
  { say, env, server }: { say: (line: string) => void; env: Environment; server: string | undefined },
): Promise<string | undefined> {
  const unreachable = await whyUnreachable(`${server ?? SERVER}/${archiveName(version)}`);
  if (unreachable !== undefined) return unreachable;
  const words = ["plugin", "install", "resource", "docker", version];
  if (server !== undefined) words.push("--server", server);
  const plugins = join(cli.home, "plugins");
  return await withStaging(plugins, async (staging) => {
    const end = await runDownload({
      what: `Pulumi's Docker plugin ${version}`,
      command: cli.bin,
      args: words,
      // The archive is written to the folder for temporary files first.
      env: { ...env, ...cli.env, TMPDIR: staging },
      folders: [plugins],
      say,
    });
    if ("why" in end) return end.why;
    if (end.code === 0 && isInstalled(cli.home, version)) return undefined;
    return `its download failed: ${end.stderr.trim().split("\n").at(-1)?.slice(0, 200) || "no reason given"}`;
  });
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/** As Pulumi names its archives: `pulumi-resource-docker-v5.2.0-linux-amd64.tar.gz`. */
function archiveName(version: string): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${PROGRAM}-v${version}-${system}-${ARCHITECTURES[process.arch] ?? process.arch}.tar.gz`;
}
