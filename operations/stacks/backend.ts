/** Where Pulumi keeps the state, and how far we may look into it without Pulumi. */
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { foreignText } from "../../base/safe-text.ts";
import { readYaml } from "../../base/yaml.ts";
import { stateFolder } from "../../toolchain/paths.ts";
import { runningProcesses } from "../../toolchain/processes.ts";

const PROJECT = "propiq-cache";

/**
 * The back end of the local stacks: files of this project, wherever the team keeps the others. Without the sidecar
 * files (`.attrs`) that a file back end writes beside each file, and not in one piece: one that a kill cut off makes
 * the stack unreadable ("failed to load checkpoint: EOF"; gocloud.dev blob/fileblob).
 */
export const LOCAL_BACKEND = `file://${stateFolder.replaceAll("\\", "/")}?metadata=skip`;

/**
 * The back end that Pulumi.yaml names, with a relative folder made absolute: Pulumi itself would look from the
 * current folder. Nothing where it names none.
 */
export async function projectBackend(): Promise<string | undefined> {
  const project: unknown = readYaml(await readFile(join(PROJECT_ROOT, "Pulumi.yaml"), "utf8"));
  const url = (project as { backend?: { url?: string } } | null)?.backend?.url;
  const relative = /^file:\/\/(\.[^?]*)(\?.*)?$/.exec(url ?? "");
  if (!relative) return url;
  return `file://${resolve(PROJECT_ROOT, relative[1] ?? ".").replaceAll("\\", "/")}${relative[2] ?? ""}`;
}

/** The folder behind a `file://` back end (pulumi: pkg/backend/diy); nothing for any other. */
function folderOf(backend: string): string | undefined {
  if (!backend.startsWith("file://")) return undefined;
  const path = backend.slice("file://".length).split("?")[0] ?? "";
  const absolute = path.startsWith("~") ? join(process.env["HOME"] ?? "", path.slice(1)) : path;
  return join(
    process.platform === "win32" ? fileURLToPath(`file:///${absolute}`) : resolve(absolute),
    ".pulumi",
  );
}

/** Where a back end of files lists the updates of a stack; nothing for any other. */
export function historyFolder(backend: string, stack: string): string | undefined {
  const folder = folderOf(backend);
  return folder === undefined ? undefined : join(folder, "history", PROJECT, stack);
}

/** Whether a stack exists; nothing where only Pulumi knows. */
export async function stackExists(backend: string, stack: string): Promise<boolean | undefined> {
  const folder = folderOf(backend);
  if (folder === undefined) return undefined;
  const found = await Promise.all(
    ["json", "json.gz"].map((end) =>
      stat(join(folder, "stacks", PROJECT, `${stack}.${end}`)).catch(() => undefined),
    ),
  );
  return found.some((file) => file !== undefined);
}

export type Lock =
  | { held: false }
  | {
      held: true;
      /** It was taken on this machine, by a process that does not run any more. */
      stale: boolean;
      /** The files of all locks of this stack that are stale. */
      staleFiles: readonly string[];
      pid: number;
      /** Absent where the lock does not say. */
      holder?: { user: string; host: string; isThisMachine: boolean };
    };

/** Whether an update holds the stack, and whether the process that took the lock on this machine still lives. */
export async function lockOf(backend: string, stack: string): Promise<Lock> {
  const locks = await locksIn(backend, stack);
  const lock = locks.find(({ stale }) => !stale) ?? locks[0];
  if (lock === undefined) return { held: false };
  const { path: _path, ...held } = lock;
  const staleFiles = locks.filter(({ stale }) => stale).map(({ path }) => path);
  return { held: true, ...held, staleFiles };
}

/**
 * Removes the locks of processes that no longer run, each by its own file. `pulumi cancel` removes every lock, also the
 * one that another run has taken in the meantime.
 */
export async function removeStaleLocks(backend: string, stack: string): Promise<void> {
  const stale = (await locksIn(backend, stack)).filter((lock) => lock.stale);
  // Pulumi takes a folder of that name for a lock too.
  await Promise.all(stale.map(({ path }) => rm(path, { force: true, recursive: true })));
}

type LockFile = { path: string } & Omit<Extract<Lock, { held: true }>, "held" | "staleFiles">;

/** A lock that cannot be read may be in the middle of being written: after this time it was cut off. */
const WRITTEN_AFTER_MS = 10_000;

async function locksIn(backend: string, stack: string): Promise<LockFile[]> {
  const folder = folderOf(backend);
  if (folder === undefined) return [];
  const locks = join(folder, "locks", "organization", PROJECT, stack);
  const names = await readdir(locks).catch(() => []);
  const found = await Promise.all(names.map((name) => lockIn(join(locks, name))));
  return found.filter((lock) => lock !== undefined);
}

/** @returns nothing for a lock that was removed in the meantime */
async function lockIn(path: string): Promise<LockFile | undefined> {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const lock: unknown = JSON.parse(await readFile(path, "utf8"));
    const { pid, hostname: host, username } = (lock ?? {}) as Record<string, unknown>;
    if (!Number.isInteger(pid) || typeof host !== "string") return cutOff(path, file.mtimeMs);
    const isThisMachine = host === hostname();
    const [user, shownHost] = [String(username ?? "?"), host].map((text) =>
      foreignText(text, (same) => same, 100),
    );
    const holder = { user: user ?? "?", host: shownHost ?? "?", isThisMachine };
    const stale = isThisMachine && !(await runsPulumi(Number(pid)));
    return { path, pid: Number(pid), stale, holder };
  } catch {
    return cutOff(path, file.mtimeMs);
  }
}

function cutOff(path: string, writtenAt: number): LockFile {
  return { path, pid: 0, stale: Date.now() - writtenAt > WRITTEN_AFTER_MS };
}

/** Whether a process is a Pulumi that runs: pids are used again, and the dead keep theirs until they are collected. */
export async function runsPulumi(pid: number): Promise<boolean> {
  const running = await runningProcesses();
  return running.some((process) => process.pid === pid && process.command.includes("pulumi"));
}

/** Removes what the back end keeps of a stack that no longer exists: history, backups, locks. */
export async function forgetStack(backend: string, stack: string): Promise<void> {
  const folder = folderOf(backend);
  if (folder === undefined) return;
  const places = [
    ...["history", "backups", "stacks"].map((kind) => join(folder, kind, PROJECT)),
    join(folder, "locks", "organization", PROJECT),
  ];
  for (const place of places) {
    const names = await readdir(place).catch(() => []);
    const own = names.filter((name) => name === stack || name.startsWith(`${stack}.json`));
    await Promise.all(own.map((name) => rm(join(place, name), { recursive: true, force: true })));
  }
}
