/** The Pulumi CLI that this project uses: one that is there, one that can be downloaded, or one that is built here. */

import { mkdir } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { advice } from "../base/advice.ts";
import { propiq, shell } from "../base/command.ts";
import { PropiqError } from "../base/errors.ts";
import { buildCli, GO_VERSION, whyNoBuild } from "./build-cli.ts";
import { confirm } from "./confirm.ts";
import { downloadCli } from "./download-cli.ts";
import { findInstalledCli, type PassedOver } from "./installed-cli.ts";
import { isOurs, layLanguageHost } from "./language-host/lay.ts";
import { isExecutable } from "./on-path.ts";
import { cliFolder, executable, ownPulumiHome, projectRoot, pulumiHome } from "./paths.ts";
import { PULUMI_VERSION } from "./version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether something may be installed or built: yes, no, or ask where there is a terminal. */
export type Consent = "yes" | "no" | "ask";

export interface Wish {
  install: Consent;
  /** Takes one line of progress. */
  say: (line: string) => void;
  env: Environment;
}

export interface PulumiCli {
  /** The program itself, never npm's wrapper around it. */
  bin: string;
  version: string;
  source: "installed" | "downloaded" | "built";
  /** The PULUMI_HOME to use: plugins, credentials. */
  home: string;
  /** What to lay over the environment of each command. */
  env: Record<string, string>;
}

/**
 * Finds a CLI of the pinned version or newer, or gets the pinned one.
 * @throws PropiqError that says what was tried and what to install
 */
export async function ensurePulumi({ install, say, env }: Wish): Promise<PulumiCli> {
  const home = pulumiHome(env);
  await mkdir(home, { recursive: true });
  const use = (bin: string, version: string, source: PulumiCli["source"]): PulumiCli => ({
    bin,
    version,
    source,
    home,
    env: environment(bin, home, env),
  });

  const installed = await findInstalledCli(env);
  if (installed.cli !== undefined) return use(installed.cli.bin, installed.cli.version, "installed");
  const kept = await findKept(home);
  if (kept !== undefined) return use(kept.bin, PULUMI_VERSION, kept.source);

  const wanted = { version: PULUMI_VERSION, env, say };
  const tried = [...installed.passedOver];
  const downloaded = await downloadCli({ ...wanted, home });
  if ("bin" in downloaded) return use(downloaded.bin, PULUMI_VERSION, "downloaded");
  tried.push({ what: "download", why: downloaded.why });
  say(`The Pulumi CLI cannot be downloaded: ${downloaded.why}.`);

  const built = await build(install, { ...wanted, home: ownPulumiHome });
  if ("bin" in built) return use(built.bin, PULUMI_VERSION, "built");
  throw nothingWorks([...tried, { what: "build from its Go module", why: built.why }]);
}

/** One that an earlier run downloaded or built. It was moved there whole, so it need not be asked. */
async function findKept(home: string): Promise<{ bin: string; source: "downloaded" | "built" } | undefined> {
  for (const kept of new Set([home, ownPulumiHome])) {
    const folder = cliFolder(kept, PULUMI_VERSION);
    const bin = join(folder, executable("pulumi"));
    if (!isExecutable(bin)) continue;
    if (!(await isOurs(folder))) return { bin, source: "downloaded" };
    // Written anew when it has changed since; one in another home is another clone's.
    if (kept === ownPulumiHome) await layLanguageHost(folder);
    return { bin, source: "built" };
  }
  return undefined;
}

async function build(
  install: Consent,
  wanted: Parameters<typeof buildCli>[0],
): Promise<{ bin: string } | { why: string }> {
  const why = await whyNoBuild(wanted.env);
  if (why !== undefined) return { why };
  if (install === "no") return { why: "not without --install" };
  const question =
    "Build it from its Go module instead? It takes 4 to 7 minutes, once, and stays in .propiq/";
  if (install === "ask" && !(await confirm(question))) return { why: "not without a yes, or --install" };
  return await buildCli(wanted);
}

/** The project's Node comes right after the CLI: Pulumi's own language host runs the `node` that it finds on PATH. */
function environment(bin: string, home: string, env: Environment): Record<string, string> {
  const folders = [dirname(bin), join(projectRoot, "node_modules", ".bin"), env["PATH"] ?? ""];
  return { PATH: folders.join(delimiter), PULUMI_HOME: home, PULUMI_SKIP_UPDATE_CHECK: "true" };
}

function nothingWorks(tried: readonly PassedOver[]): PropiqError {
  const lines = tried.map(({ what, why }) => `  ${what}: ${why}`);
  return new PropiqError(
    [`There is no Pulumi CLI ${PULUMI_VERSION} or newer on this machine. Tried:`, ...lines].join("\n"),
    {
      code: "TOOL_MISSING",
      next: advice(
        `Install it with the first command. Or, with Go ${GO_VERSION} or newer, build it once with the second.`,
        shell("curl -fsSL https://get.pulumi.com | sh"),
        propiq("setup", "--install"),
      ),
    },
  );
}
