/** What tests need of the machine besides Node and the packages, and how it is installed. */

import { join } from "node:path";
import { PropiqError } from "../../base/errors.ts";
import { confirm } from "../../toolchain/confirm.ts";
import { findInstalledCli } from "../../toolchain/installed-cli.ts";
import { isExecutable } from "../../toolchain/on-path.ts";
import { cliFolder, executable, ownPulumiHome, pulumiHome } from "../../toolchain/paths.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { findRedisServer } from "../../toolchain/server-binary.ts";
import { PULUMI_VERSION } from "../../toolchain/version.ts";
import { chromium, ensureBrowserInstalled } from "./browser.ts";
import { dockerEnginePackagesMissing, ensureDockerEngineInstalled } from "./docker-engine.ts";

export interface MachinePart {
  name: string;
  /** A test that loads one of these modules uses the part. */
  usedBy: readonly string[];
  /** Only a pipeline may not lack it: on another machine the tests that need it are skipped. */
  pipelineOnly?: true;
  isMissing(): Promise<boolean>;
  /** What an install does, for the user who is asked. */
  install: { say: string; run(say: (line: string) => void): Promise<unknown> };
}

const { env } = process;

export const MACHINE_PARTS: readonly MachinePart[] = [
  {
    name: "a Redis server",
    usedBy: [
      "rehearsal/redis-server.ts",
      "test/bench/redis-by-hand.ts",
      "test/infra/provider/local-redis/local-redis.test.ts",
      "test/support/project.ts",
      "test/support/docker-engine.ts",
    ],
    isMissing: async () => (await findRedisServer(env)) === undefined,
    install: {
      say: "with apt or Homebrew; its service is not started",
      run: (say) => ensureRedisServer({ install: "yes", say, env }),
    },
  },
  {
    name: `the Pulumi CLI ${PULUMI_VERSION}`,
    usedBy: [
      "test/support/project.ts",
      "test/bench/workshop.ts",
      "test/toolchain/pulumi.test.ts",
      "test/toolchain/docker-plugin.test.ts",
      "test/toolchain/language-host/main.test.ts",
    ],
    isMissing: lacksPulumi,
    install: {
      say: "downloaded, or built from its Go module in 4 to 7 minutes; it stays in .propiq/",
      run: (say) => ensurePulumi({ install: "yes", say, env }),
    },
  },
  {
    name: "Chromium",
    usedBy: ["test/support/browser.ts"],
    pipelineOnly: true,
    isMissing: async () => chromium() === undefined,
    install: { say: "with apt", run: ensureBrowserInstalled },
  },
  {
    name: "a Docker engine",
    usedBy: ["test/support/docker-engine.ts"],
    pipelineOnly: true,
    isMissing: dockerEnginePackagesMissing,
    install: { say: "with apt; its service is not started", run: ensureDockerEngineInstalled },
  },
];

/** Looks only: nothing is downloaded or built by the question. */
async function lacksPulumi(): Promise<boolean> {
  if ((await findInstalledCli(env)).cli !== undefined) return false;
  return ![pulumiHome(env), ownPulumiHome].some((home) =>
    isExecutable(join(cliFolder(home, PULUMI_VERSION), executable("pulumi"))),
  );
}

export interface Asking {
  say: (line: string) => void;
  isPipeline: boolean;
  /** Absent where there is no terminal: then nobody is asked. */
  ask?: (question: string) => Promise<boolean>;
}

/**
 * Installs those that are missing, after it has said what it will do.
 * @throws PropiqError where the answer at the terminal is no
 */
export async function installMissing(
  parts: readonly MachinePart[],
  { say, isPipeline, ask }: Asking,
): Promise<void> {
  const missing: MachinePart[] = [];
  for (const part of parts) {
    if ((isPipeline || !part.pipelineOnly) && (await part.isMissing())) missing.push(part);
  }
  if (missing.length === 0) return;
  say("These tests need, and this machine does not have:");
  for (const { name, install } of missing) say(`  ${name}: ${install.say}`);
  if (ask !== undefined && !(await ask("Install them now?"))) {
    throw new PropiqError("Nothing was installed, and no test has run.", {
      code: "TOOL_MISSING",
      next: { say: "Run the tests that need nothing: npm run test:unit" },
    });
  }
  for (const { install } of missing) await install.run(say);
}

/** The terminal's own question; undefined where there is no terminal. */
export const askAtTerminal = process.stdin.isTTY && process.stderr.isTTY ? confirm : undefined;
