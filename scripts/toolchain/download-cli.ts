/** The Pulumi CLI as the npm package `pulumi` downloads it. */
import { join } from "node:path";
import { isExecutable } from "../../infra/on-path.ts";
import { runChild } from "./child.ts";
import { interrupted } from "./interrupted.ts";
import { cliFolder, executable, projectRoot } from "./paths.ts";
import { withProgress } from "./progress.ts";
import { moveIntoPlace, sizeOf, withStaging } from "./staging.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface CliDownload {
  /** The PULUMI_HOME that gets it. */
  home: string;
  version: string;
  env: Environment;
  say: (line: string) => void;
  /** What the npm package asks first. */
  url?: string;
  /** The npm package's program. */
  wrapper?: string;
}

const INSTALL_SCRIPT = "https://get.pulumi.com/install.sh";
const WRAPPER = join(projectRoot, "node_modules", "pulumi", "run.js");

/** Without an answer, or without a further byte, for so long, the download is given up. */
const SILENCE_MS = 10_000;
const LOOK_MS = 1000;

/**
 * Downloads a CLI into `home`, whole or not at all.
 * @returns why not, in words, when it cannot be had
 */
export async function downloadCli(download: CliDownload): Promise<{ bin: string } | { why: string }> {
  const { home, version, url = INSTALL_SCRIPT } = download;
  const silent = await probe(url);
  if (silent !== undefined) return { why: silent };
  const bin = join(cliFolder(home, version), executable("pulumi"));
  return await withStaging(join(home, "versions"), async (staging) => {
    const why = await runWrapper(download, staging);
    if (why !== undefined) return { why };
    await moveIntoPlace(join(staging, "versions", version), join(home, "versions", version), () =>
      isExecutable(bin),
    );
    return { bin };
  });
}

/** @returns why the host cannot be used, if so */
async function probe(url: string): Promise<string | undefined> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(SILENCE_MS) });
    await response.body?.cancel();
    return response.ok ? undefined : `${host} answered HTTP ${response.status}`;
  } catch (error) {
    if (error instanceof DOMException) return `${host} did not answer within ${SILENCE_MS / 1000} seconds`;
    const { cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return `${host} cannot be reached (${cause?.code ?? "no connection"})`;
  }
}

/** Lets the npm package download into the staging folder and then run what it got, which proves that it is whole. */
async function runWrapper(
  { version, env, say, wrapper = WRAPPER }: CliDownload,
  staging: string,
): Promise<string | undefined> {
  const silence = new AbortController();
  let bytes = 0;
  let grownMs = performance.now();
  const watch = setInterval(async () => {
    const now = await sizeOf(staging);
    if (now !== bytes) grownMs = performance.now();
    bytes = now;
    if (performance.now() - grownMs > SILENCE_MS) silence.abort();
  }, LOOK_MS);
  say(`Downloading the Pulumi CLI ${version}`);
  try {
    const end = await withProgress(
      say,
      (seconds) => `Downloading the Pulumi CLI: ${Math.round(bytes / 1e6)} MB, ${seconds} s`,
      () =>
        runChild(process.execPath, [wrapper, "version"], {
          stdio: "capture",
          signal: silence.signal,
          env: {
            ...env,
            PULUMI_HOME: staging,
            PULUMI_VERSION: version,
            PULUMI_SKIP_UPDATE_CHECK: "true",
            // The archive is unpacked here too: it is watched for growth, and cleared away after an interruption.
            TMPDIR: staging,
          },
        }),
    );
    if (end.cut === "abort")
      return `the download stopped for ${SILENCE_MS / 1000} seconds after ${bytes} bytes`;
    if (end.cut !== undefined) throw interrupted("the download of the Pulumi CLI");
    if (end.code === 0 && end.stdout.trim().endsWith(`v${version}`)) return undefined;
    return `the download failed: ${lastLine(end.stderr)}`;
  } finally {
    clearInterval(watch);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)?.slice(0, 200) || "no reason given";
}
