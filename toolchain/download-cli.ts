/** The Pulumi CLI as the npm package `pulumi` downloads it. */
import { join } from "node:path";
import { runDownload } from "./download.ts";
import { isExecutable } from "./on-path.ts";
import { cliFolder, executable, projectRoot } from "./paths.ts";
import { whyUnreachable } from "./reachable.ts";
import { moveIntoPlace, withStaging } from "./staging.ts";

export interface CliDownload {
  /** The PULUMI_HOME that gets it. */
  home: string;
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  say: (line: string) => void;
  /** What the npm package asks for first. */
  url?: string;
  /** The npm package's program. */
  wrapper?: string;
}

const INSTALL_SCRIPT = "https://get.pulumi.com/install.sh";
const WRAPPER = join(projectRoot, "node_modules", "pulumi", "run.js");

/**
 * Downloads a CLI into `home`, whole or not at all.
 * @returns why not, in words, when it cannot be had
 */
export async function downloadCli(download: CliDownload): Promise<{ bin: string } | { why: string }> {
  const { home, version, url = INSTALL_SCRIPT } = download;
  const unreachable = await whyUnreachable(url);
  if (unreachable !== undefined) return { why: unreachable };
  const bin = join(cliFolder(home, version), executable("pulumi"));
  return await withStaging(join(home, "versions"), async (staging) => {
    const why = await runWrapper(download, staging);
    if (why !== undefined) return { why };
    const staged = join(staging, "versions", version);
    await moveIntoPlace(staged, join(home, "versions", version), () => isExecutable(bin));
    return { bin };
  });
}

/** Lets the npm package download into the staging folder and then run what it got, which proves that it is whole. */
async function runWrapper(
  { version, env, say, wrapper = WRAPPER }: CliDownload,
  staging: string,
): Promise<string | undefined> {
  const end = await runDownload({
    what: `the Pulumi CLI ${version}`,
    command: process.execPath,
    args: [wrapper, "version"],
    folders: [staging],
    env: {
      ...env,
      PULUMI_HOME: staging,
      PULUMI_VERSION: version,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // The archive is unpacked here too: it counts as growth, and is cleared away after an interruption.
      TMPDIR: staging,
    },
    say,
  });
  if ("why" in end) return end.why;
  if (end.code === 0 && end.stdout.trim().endsWith(`v${version}`)) return undefined;
  return `the download failed: ${end.stderr.trim().split("\n").at(-1)?.slice(0, 200) || "no reason given"}`;
}
