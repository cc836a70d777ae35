/** A clone of the project in a folder of its own, used as its users do: by its command line. */

import { execFile, type SpawnOptions, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { useLocalImage } from "./local-image.ts";
import quickClock from "./quick-clock.json" with { type: "json" };
import { type ConfigChange, changeConfig } from "./stack-config.ts";

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  /** Both, in the order in which they came. */
  all: string;
}

export interface Project {
  root: string;
  /** Runs `propiq-cache` with these words to its end. */
  run(words: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs a program of the clone by Node to its end. */
  node(words: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Runs another program in the clone's folder to its end. */
  program(file: string, words: readonly string[], options?: RunOptions): Promise<Outcome>;
  /** Starts it, for tests that interrupt or kill. */
  start(words: readonly string[], options?: RunOptions): Running;
  read(path: string): Promise<string>;
  /** A stack's state as it lies on disk: no engine run, nothing decrypted. */
  state(stack: string): Promise<string>;
  /** Sets and removes keys of a stack's config, without an engine run. */
  configure(stack: string, change: ConfigChange): Promise<void>;
  /** Ends the servers of local stacks, and removes the folder. Nothing is asked of Pulumi. */
  remove(): Promise<void>;
}

export interface ProjectOptions {
  /** Real seconds in its processes, for what measures: see quick-clock.cjs. */
  realClock?: boolean;
}

export interface RunOptions {
  env?: Record<string, string | undefined>;
  input?: string;
}

export interface Running {
  pid: number;
  /** Kills the process alone, or with it the group that a terminal would. */
  kill(signal: NodeJS.Signals, whom?: "process" | "group"): void;
  /** Waits until it has printed this. */
  until(printed: string): Promise<void>;
  ended: Promise<Outcome>;
}

/** Every file of the clone that git would see or ignore, but for node_modules and what the project keeps by itself. */
export async function filesOf(project: Project): Promise<string[]> {
  const names = await readdir(project.root, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(project.root, join(entry.parentPath, entry.name)))
    .filter((name) => !/^(node_modules|\.propiq)(\/|$)/.test(name))
    .toSorted();
}

/** Variables that a developer's shell may hold and that would make a test mean something else. */
const FOREIGN =
  /^(PULUMI_|REDIS_|CACHE_TTL_|PROPIQ_|DOCKER_|AZURE_|ARM_|UPSTASH_|NODE_OPTIONS$|npm_|(CI|TF_BUILD|GITHUB_ACTIONS)$)/;

/** Where the file back end keeps a stack, below the clone's folder. */
export const stateFile = (stack: string): string => `.propiq/.pulumi/stacks/propiq-cache/${stack}.json`;

const pulumiBin = ensurePulumi({ install: "no", say: () => {}, env: process.env }).then(({ bin }) => bin);

/** What Node compiled of the product, shared by all clones: without it each one compiles everything anew. */
const COMPILED = join(PROJECT_ROOT, ".propiq", "cache", "tests");
/** How much faster the clock of a clone's processes runs while they sleep. */
export const QUICK_TIMES = quickClock.times;
/** Preloads quick-clock.cjs into the processes of a clone. */
export const QUICK_CLOCK = {
  NODE_OPTIONS: `--require ${JSON.stringify(join(import.meta.dirname, "quick-clock.cjs"))}`,
} as const;
const PORTABLE = { NODE_COMPILE_CACHE_PORTABLE: "1" } as const;
/** For the processes of a clone that another tool made: with `shareCompiled` they start as fast as those of ours. */
export const QUICK_CLONE = { ...QUICK_CLOCK, ...PORTABLE } as const;

/** Gives a clone what Node compiled for the others. */
export async function shareCompiled(root: string): Promise<void> {
  await mkdir(COMPILED, { recursive: true });
  await mkdir(join(root, ".propiq", "cache"), { recursive: true });
  await symlink(COMPILED, join(root, ".propiq", "cache", "compile"));
}

export async function makeProject({ realClock = false }: ProjectOptions = {}): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "propiq-project-")));
  const { stdout } = await promisify(execFile)("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
    cwd: PROJECT_ROOT,
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const name of stdout.split("\0").filter((file) => file !== "" && !file.startsWith("test/"))) {
    await mkdir(join(root, dirname(name)), { recursive: true });
    await cp(join(PROJECT_ROOT, name), join(root, name)).catch((error: unknown) => {
      // Deleted in the work tree, and not committed yet.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    });
  }
  await useLocalImage(root);
  await symlink(join(PROJECT_ROOT, "node_modules"), join(root, "node_modules"));
  await shareCompiled(root);
  const base = {
    ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !FOREIGN.test(key))),
    // The CLI that the test command has found or built: to the clone it is one that the machine has.
    PATH: `${dirname(await pulumiBin)}${delimiter}${process.env["PATH"]}`,
    NO_COLOR: "1",
    ...PORTABLE,
    ...(realClock ? {} : QUICK_CLOCK),
  };
  const launchIn = (file: string, words: readonly string[], { env, input }: RunOptions = {}) =>
    launch([file, ...words], { cwd: root, env: { ...base, ...env } }, input);
  const start: Project["start"] = (words, options) =>
    launchIn(join(root, "scripts", "propiq-cache.mjs"), words, options);
  const run: Project["run"] = (words, options) => start(words, options).ended;
  return {
    root,
    start,
    run,
    program: (file, words, options) => launchIn(file, words, options).ended,
    node: (words, options) => launchIn(process.execPath, words, options).ended,
    read: (path) => readFile(join(root, path), "utf8"),
    state: (stack) => readFile(join(root, stateFile(stack)), "utf8"),
    configure: (stack, change) => changeConfig(root, stack, change),
    async remove() {
      await endServers(join(root, ".propiq", "redis"));
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Plan `native` runs its server as a daemon, which outlives every process of a test. */
async function endServers(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.filter((file) => file.endsWith("redis.pid"))) {
    const pid = Number(await readFile(join(folder, name), "utf8"));
    // A number may be another process's by now.
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(folder)) process.kill(pid, "SIGKILL");
  }
}

function launch(
  [file = "", ...words]: readonly string[],
  place: Pick<SpawnOptions, "cwd" | "env">,
  input?: string,
): Running {
  const options = { ...place, detached: true, stdio: ["pipe", "pipe", "pipe"] } satisfies SpawnOptions;
  const child = spawn(file, words, options);
  const outcome = { stdout: "", stderr: "", all: "" };
  const printing = new EventEmitter();
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (chunk: string) => {
      outcome[stream] += chunk;
      outcome.all += chunk;
      printing.emit("more");
    });
  }
  child.stdin.on("error", () => {});
  child.stdin.end(input ?? "");
  const { pid = 0 } = child;
  return {
    pid,
    kill: (signal, whom = "process") => {
      try {
        process.kill(whom === "group" ? -pid : pid, signal);
      } catch {
        // It has ended by itself.
      }
    },
    until: async (printed) => {
      while (!outcome.all.includes(printed)) await once(printing, "more");
    },
    ended: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ ...outcome, code, signal }));
    }),
  };
}
