/** The environment that both sides of a row run in, and Pulumi in it. */
import { delimiter, dirname, join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { type Command, timed } from "./command.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stack that is up, to be asked something of. */
export interface Stack {
  /** Pulumi itself on this stack, without our command line around it. */
  pulumi(...words: string[]): Command;
  /** The file that its program starts with. */
  program: string;
}

export const UP = ["up", "--yes", "--skip-preview", "--non-interactive"] as const;
export const PREVIEW = ["preview", "--non-interactive"] as const;

/** Little of a developer's own, and no download while time is taken. */
export function plainEnvironment(): Environment {
  const { PATH, HOME, TMPDIR } = process.env;
  return {
    PATH,
    HOME,
    TMPDIR,
    NO_COLOR: "1",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** Programs in `folders` are found before all others. */
export function withPath(env: Environment, ...folders: readonly string[]): Environment {
  return { ...env, PATH: [...folders, env["PATH"]].join(delimiter) };
}

export interface StackPlace {
  stack: string;
  /** The folder of its Pulumi.yaml. */
  at: string;
  /** The folder of Pulumi's file back end. */
  state: string;
  passphraseFile: string;
  /** The file that its program starts with, below `at`; `index.ts` when absent. */
  program?: string;
  /** Where the stack's config is not beside Pulumi.yaml. */
  configFile?: string;
}

export function stackOf({ bin }: PulumiCli, env: Environment, place: StackPlace): Stack {
  const { stack, at, state, passphraseFile, configFile, program = "index.ts" } = place;
  const named = ["--stack", stack, ...(configFile === undefined ? [] : ["--config-file", configFile])];
  return {
    program: join(at, program),
    pulumi: (...words) => ({
      words: [bin, ...words, ...named],
      cwd: at,
      env: {
        // Pulumi's own language host runs the `node` that it finds.
        ...withPath(env, dirname(bin), join(PROJECT_ROOT, "node_modules", ".bin")),
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_CONFIG_PASSPHRASE_FILE: passphraseFile,
      },
    }),
  };
}

/** Runs something that only prepares. */
export async function run(command: Command): Promise<void> {
  await timed(command)(() => {});
}
