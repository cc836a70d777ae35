/**
 * A user who has just cloned the project and follows its documents: a clean clone under version control, an empty
 * home, a terminal, and clouds that are emulated. Every command of every document is either followed, or stands in the
 * list of those that are not, with a reason.
 */
import { execFile } from "node:child_process";
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { startAccounts } from "../../../rehearsal/accounts.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../../rehearsal/azure/trust.ts";
import { installStandIn } from "../../../rehearsal/plugins/install.ts";
import { freePort } from "../../../rehearsal/ports.ts";
import type { Upstash } from "../../../rehearsal/upstash/emulator.ts";
import { ensurePulumi } from "../../../toolchain/pulumi.ts";
import { azureCli } from "../azure-cli/azure-cli.ts";
import type { Grant } from "../azure-cli/directory.ts";
import { makeProject, type Project } from "../project.ts";
import { type StateStore, startStateStore } from "../workflow-runner-state.ts";
import { type Command, commandsOf, documents } from "./commands.ts";
import { type GitHub, githubCli } from "./github-cli.ts";
import { type Entered, openTerminal, type Reply, type Terminal } from "./terminal.ts";
import { layTools, type Tool, type Tools } from "./tools.ts";

export interface Reader {
  azure: Azure;
  upstash: Upstash;
  github: GitHub;
  state: StateStore;
  project: Project;
  tools: Tools;
  /** Roles that were given by `az`, oldest first. */
  grants: readonly Grant[];
  /** Follows what stands under a heading, in order. @throws Error for a command that does not end well */
  follow(document: string, heading: string, options?: Following): Promise<Followed[]>;
  /** Types what stands in no document: the reader's own doing. */
  enter: Terminal["enter"];
  /** Commands of all documents that nobody has followed. */
  unread(): Command[];
  /** Blanks that no document has any more. */
  unfilled(): RegExp[];
  stop(): Promise<void>;
}
export interface Following {
  /** Those alone for which it says so; the others stay unread. */
  only?: (command: Command) => boolean;
  /** Leaves those out that were followed before, in whatever document: they are not typed again. */
  once?: boolean;
  /** How it may end besides 0: a question whose answer may be no. */
  orEndsWith?: number;
  /** Types a command that runs until it is ended, and continues. */
  background?: boolean;
}
export interface Followed extends Entered {
  command: Command;
}

export const REPOSITORY = "propiq/propiq-cache";
export const PASSPHRASE = "a passphrase that somebody chose";

export interface ReaderOptions {
  /** What stands in place of what a reader has to fill in, by the words of the documents. */
  blanks: readonly { in: RegExp; by: string | (() => string) }[];
  /** What a person answers. */
  replies: readonly Reply[];
  /** What a person types without being asked by a word, by what waits for it. */
  silent: readonly { in: RegExp; type: string }[];
}

export async function makeReader(
  options: (world: {
    azure: Azure;
    upstash: Upstash;
    state: StateStore;
  }) => ReaderOptions | Promise<ReaderOptions>,
): Promise<Reader> {
  const accounts = await startAccounts();
  const { authority, azure, upstash } = accounts;
  const state = await startStateStore();
  const distrust = trustInThisProcess(authority);
  const folder = await mkdtemp(join(tmpdir(), "propiq-reader-"));
  const [bin, home, pulumiHome] = [join(folder, "bin"), join(folder, "home"), join(folder, "pulumi")];
  await mkdir(home);
  await installStandIn("azure-native", pulumiHome);
  await installStandIn("upstash", pulumiHome);
  const project = await cloneWithHistory();
  const { tool: gh, github } = githubCli(REPOSITORY);
  const { tool: az, grants } = await azureCli(azure);
  const tools = await layTools(bin, { az, docker: dockerCli, gh });
  await layNpm(bin);
  const pulumi = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
  // The way to the emulated clouds; nobody is signed in to them yet.
  const { UPSTASH_EMAIL: _, UPSTASH_API_KEY: __, ...wayToUpstash } = upstash.env;
  const wayToAzure = Object.fromEntries(
    ["ARM_METADATA_HOSTNAME", "ARM_DISABLE_INSTANCE_DISCOVERY"].map((name) => [name, azure.env[name] ?? ""]),
  );
  const terminal = await openTerminal(project.root, {
    ...wayToUpstash,
    ...wayToAzure,
    ...state.env,
    PATH: [bin, dirname(process.execPath), dirname(pulumi.bin), process.env["PATH"] ?? ""].join(delimiter),
    HOME: home,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    PULUMI_HOME: pulumiHome,
    // No engine of the machine's own; what Docker does has a journey of its own.
    DOCKER_HOST: `unix://${folder}/no-engine`,
  });
  const { blanks, replies, silent } = await options({ azure, upstash, state });
  const commands = documents().flatMap(commandsOf);
  const followed = new Set<string>();
  const filled = new Set<RegExp>();

  return {
    ...{ azure, upstash, github, state, project, tools, grants, enter: terminal.enter },
    async follow(
      document,
      heading,
      { only = () => true, once = false, background = false, orEndsWith = 0 } = {},
    ) {
      const under = commands.filter((each) => each.document === document && each.heading === heading);
      if (under.length === 0) throw new Error(`${document} has no command under ${heading}`);
      const done: Followed[] = [];
      for (const command of under.filter(only)) {
        const known = followed.has(bare(command));
        followed.add(bare(command));
        if (once && known) continue;
        const text = blanks.reduce((before, blank) => {
          if (blank.in.test(before)) filled.add(blank.in);
          const by = typeof blank.by === "string" ? blank.by : blank.by();
          return before.replaceAll(new RegExp(blank.in, "g"), () => by);
        }, command.text);
        if (text.includes("…")) throw new Error(`${place(command)}: nobody says what to fill in\n${text}`);
        const unasked = silent.filter((each) => each.in.test(text)).map(({ type }) => ({ on: /^$/, type }));
        const entered = await terminal.enter(background ? `{ ${text}\n} &` : text, [...unasked, ...replies]);
        if (entered.code !== 0 && entered.code !== orEndsWith)
          throw new Error(`${place(command)} ended with ${entered.code}:\n${text}\n${entered.text}`);
        done.push({ ...entered, command });
      }
      return done;
    },
    unfilled: () => blanks.map((blank) => blank.in).filter((blank) => !filled.has(blank)),
    unread: () => commands.filter((command) => !followed.has(bare(command))),
    async stop() {
      // In the shell itself: its passphrase may be the local stacks' too.
      await terminal.enter("./propiq-cache dev --down");
      await terminal.close();
      await tools.stop();
      await project.remove();
      await Promise.all([accounts.stop(), state.stop()]);
      distrust();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Without the comment behind it: the same words are the same command, wherever they stand. */
const bare = ({ text }: Command): string => text.replace(/ +# .*$/, "");

export const place = ({ document, line }: Command): string => `${document}:${line}`;

/** As `git clone` leaves it: nothing installed, all of it committed; on a machine whose port 6379 is in use. */
async function cloneWithHistory(): Promise<Project> {
  const project = await makeProject();
  await appendFile(join(project.root, "Pulumi.native.yaml"), `  propiq-cache:port: ${await freePort()}\n`);
  await rm(join(project.root, "node_modules"));
  const git = (...words: string[]) => promisify(execFile)("git", words, { cwd: project.root });
  await git("init", "--quiet", "--initial-branch", "main");
  await git("config", "user.name", "Somebody");
  await git("config", "user.email", "somebody@example.com");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "The project as it is");
  return project;
}

/**
 * `docker` as far as the check's hints speak of it, and without an engine: what an engine does with it is the matter of
 * other tests. Forms: docker/cli, docs/reference/commandline.
 */
const dockerCli: Tool = ({ words }) => {
  const known = [/^logs [\w-]+$/, /^exec [\w-]+ \S+/, /^system df$/].some((form) =>
    form.test(words.join(" ")),
  );
  return known ? {} : { code: 125, stderr: `docker ${words.join(" ")} is not known here\n` };
};

/**
 * An `npm` that knows `ci` alone, and gives the clone the packages that are installed here, which are those of the lock
 * file; an `npx` that finds a program as npm does, in the package.json of the folder. `.ci/run` uses the real ones.
 */
async function layNpm(bin: string): Promise<void> {
  const modules = join(PROJECT_ROOT, "node_modules");
  const scripts = {
    npm: `[ "$*" = ci ] && [ -f package-lock.json ] || { echo "npm $* is not known here" >&2; exit 1; }
exec ln -sfn '${modules}' node_modules`,
    npx: `[ "$1" = -- ] && shift
[ "$1" = propiq-cache ] && [ -d node_modules ] || { echo "npm error could not determine executable to run" >&2; exit 1; }
shift
exec ./scripts/propiq-cache.mjs "$@"`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
}

/** The text of a file of the project, for lists that must not outlive what they speak of. */
export const projectFile = (path: string): Promise<string> => readFile(join(PROJECT_ROOT, path), "utf8");
