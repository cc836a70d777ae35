/** Runs a program that downloads something, until it is done or silent for too long. */
import { type ChildEnd, runChild } from "./child.ts";
import { interrupted } from "./interrupted.ts";
import { withProgress } from "./progress.ts";
import { SILENCE_MS } from "./reachable.ts";
import { sizeOf } from "./staging.ts";

const LOOK_MS = 1000;

export interface Download {
  /** What is downloaded, as in "Downloading …". */
  what: string;
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  /** Where it writes: it is alive while these grow. */
  folders: readonly string[];
  say: (line: string) => void;
}

/**
 * @returns how it ended, or why it was given up
 * @throws PropiqError when a person interrupted it
 */
export async function runDownload(download: Download): Promise<ChildEnd | { why: string }> {
  const { what, command, args, env, folders, say } = download;
  const silence = new AbortController();
  let bytes = 0;
  let grownMs = performance.now();
  const look = async () => {
    const sizes = await Promise.all(folders.map(sizeOf));
    const now = sizes.reduce((sum, size) => sum + size, 0);
    if (now !== bytes) grownMs = performance.now();
    bytes = now;
    if (performance.now() - grownMs > SILENCE_MS) silence.abort();
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  say(`Downloading ${what}`);
  try {
    const end = await withProgress(
      say,
      (seconds) => `Downloading ${what}: ${Math.round(bytes / 1e6)} MB, ${seconds} s`,
      () => runChild(command, args, { stdio: "capture", env, signal: silence.signal }),
    );
    if (end.cut === "abort") return { why: `the download stood still for ${SILENCE_MS / 1000} seconds` };
    if (end.cut !== undefined) throw interrupted(`the download of ${what}`);
    return end;
  } finally {
    clearInterval(timer);
  }
}
