/** The Pulumi CLI from Pulumi's release host, verified against the list of checksums that stands beside its release. */
import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { runChild } from "./child.ts";
import { isExecutable } from "./on-path.ts";
import { cliFolder, executable } from "./paths.ts";
import { withProgress } from "./progress.ts";
import { SILENCE_MS, whyUnreachable } from "./reachable.ts";
import { moveIntoPlace, withStaging } from "./staging.ts";

export interface CliDownload {
  /** The PULUMI_HOME that gets it. */
  home: string;
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  say: (line: string) => void;
  /** The folder of the archives; Pulumi's own when absent. */
  archives?: string;
  /** The list of SHA-512 checksums of this version; that of Pulumi's release on GitHub when absent. */
  checksums?: string;
}

const ARCHIVES = "https://get.pulumi.com/releases/sdk";
/** On another host than the archives: whoever changes one of the two is noticed (pulumi: .github/workflows/sign.yml). */
const checksumsOf = (version: string): string =>
  `https://github.com/pulumi/pulumi/releases/download/v${version}/SHA512SUMS`;

/**
 * Downloads a CLI into `home`, whole or not at all.
 * @returns why not, in words, when it is not available
 */
export async function downloadCli(download: CliDownload): Promise<{ bin: string } | { why: string }> {
  const { home, version, archives = ARCHIVES, checksums = checksumsOf(version) } = download;
  const name = archiveName(version);
  const url = `${archives}/${name}`;
  const unreachable = (await whyUnreachable(url)) ?? (await whyUnreachable(checksums));
  if (unreachable !== undefined) return { why: unreachable };
  const bin = join(cliFolder(home, version), executable("pulumi"));
  return await withStaging(join(home, "versions"), async (staging) => {
    try {
      const archive = join(staging, name);
      const [expected, found] = [
        await checksumIn(checksums, name),
        await receive(url, archive, `the Pulumi CLI ${version}`, download.say),
      ];
      if (found !== expected) throw new DownloadError(`the checksum of ${name} is wrong`);
      const staged = await unpack(archive, staging, download);
      await moveIntoPlace(staged, join(home, "versions", version), () => isExecutable(bin));
      return { bin };
    } catch (error) {
      if (error instanceof DownloadError) return { why: `the download failed: ${error.message}` };
      throw error;
    }
  });
}

class DownloadError extends Error {}

const SYSTEMS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { win32: "windows" };

/** As Pulumi names its archives: `pulumi-v3.259.0-linux-x64.tar.gz`. */
export function archiveName(version: string): string {
  const end = process.platform === "win32" ? "zip" : "tar.gz";
  return `pulumi-v${version}-${SYSTEMS[process.platform] ?? process.platform}-${process.arch}.${end}`;
}

/** @throws DownloadError where the list does not name the archive */
async function checksumIn(url: string, name: string): Promise<string> {
  const response = await answer(url, AbortSignal.timeout(SILENCE_MS));
  const lines = (await response.text().catch(lost(url))).split("\n");
  const sums = lines.flatMap((line) => {
    const [, sum = "", file] = /^([0-9a-f]{128}) [ *](.+)$/.exec(line.trim()) ?? [];
    return file === name ? [sum] : [];
  });
  const [sum] = sums;
  if (sum === undefined || sums.length > 1)
    throw new DownloadError(`the list of checksums does not name ${name}`);
  return sum;
}

/** @returns the SHA-512 checksum of what was written */
async function receive(
  url: string,
  file: string,
  what: string,
  say: (line: string) => void,
): Promise<string> {
  const hash = createHash("sha512");
  const silence = new AbortController();
  let bytes = 0;
  const stop = () => silence.abort(new DownloadError(`no data for ${SILENCE_MS / 1000} seconds`));
  let timer = setTimeout(stop, SILENCE_MS);
  say(`Downloading ${what}`);
  try {
    return await withProgress(
      say,
      (seconds) => `Downloading ${what}: ${Math.round(bytes / 1e6)} MB, ${seconds} s`,
      async () => {
        const { body } = await answer(url, silence.signal);
        if (body === null) throw new DownloadError("the answer is empty");
        const measured = async function* (chunks: AsyncIterable<Uint8Array>) {
          for await (const chunk of chunks) {
            clearTimeout(timer);
            timer = setTimeout(stop, SILENCE_MS);
            bytes += chunk.length;
            hash.update(chunk);
            yield chunk;
          }
        };
        await pipeline(body, measured, createWriteStream(file, { flags: "wx", mode: 0o600 })).catch(
          lost(url),
        );
        return hash.digest("hex");
      },
    );
  } finally {
    clearTimeout(timer);
  }
}

async function answer(url: string, signal: AbortSignal): Promise<Response> {
  const response = await fetch(url, { signal }).catch(lost(url));
  if (!response.ok) throw new DownloadError(`${new URL(url).host} answered HTTP ${response.status}`);
  return response;
}

/** For `catch`: a connection that broke. Errors of the disk stay what they are. */
function lost(url: string): (error: unknown) => never {
  return (error) => {
    if (error instanceof DownloadError) throw error;
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    if (code !== undefined && /^E(NOSPC|DQUOT|ACCES|ROFS|EXIST)$/.test(code)) throw error;
    throw new DownloadError(`${new URL(url).host} broke the connection`);
  };
}

/** @returns the folder of the version, whose CLI has run once, which proves that it is whole */
async function unpack(archive: string, staging: string, { version, env }: CliDownload): Promise<string> {
  const unpacked = join(staging, "unpacked");
  await mkdir(unpacked);
  const tar = await runChild("tar", ["-xf", archive, "-C", unpacked], { stdio: "capture", env });
  if (tar.code !== 0) throw new DownloadError("the archive cannot be unpacked");
  const staged = join(staging, "versions", version);
  await mkdir(staged, { recursive: true });
  // Windows archives have a folder more.
  const programs = [join(unpacked, "pulumi", "bin"), join(unpacked, "pulumi")];
  const folder = programs.find((path) => isExecutable(join(path, executable("pulumi"))));
  if (folder === undefined) throw new DownloadError("the archive holds no CLI");
  await moveIntoPlace(folder, join(staged, "bin"), () => false);
  const bin = join(staged, "bin", executable("pulumi"));
  const end = await runChild(bin, ["version"], {
    stdio: "capture",
    env: { ...env, PULUMI_HOME: staging, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  if (end.code === 0 && end.stdout.trim().endsWith(`v${version}`)) return staged;
  throw new DownloadError("the CLI does not run");
}
