/**
 * The Pulumi CLI built from its Go module: for networks that let package registries through and nothing else. It
 * takes 4 to 7 minutes on two cores, once; what is compiled stays in Go's build cache, so an interrupted build
 * continues where it stopped.
 */
import { join } from "node:path";
import { runChild } from "./child.ts";
import { interrupted } from "./interrupted.ts";
import { layLanguageHost } from "./language-host/lay.ts";
import { isExecutable, programs } from "./on-path.ts";
import { cliFolder, executable } from "./paths.ts";
import { withProgress } from "./progress.ts";
import { moveIntoPlace, withStaging } from "./staging.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface CliBuild {
  /** The PULUMI_HOME that gets it: one of the project's own, since the language host beside it is ours. */
  home: string;
  version: string;
  env: Environment;
  say: (line: string) => void;
}

const MODULE_FOLDER = join(import.meta.dirname, "pulumi-cli");
const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** What `pulumi-cli/go.mod` asks for: the go line of Pulumi's own modules. */
export const GO_VERSION = "1.25.11";

/** @returns why this machine cannot build, if so; asks Go itself, which knows whether it can fetch a newer one */
export async function whyNoBuild(env: Environment): Promise<string | undefined> {
  const [go] = programs("go", env);
  if (go === undefined) return `there is no Go on PATH (${GO_VERSION} or newer is needed)`;
  const end = await runGo(go, ["version"], env);
  if (end.cut !== undefined) throw interrupted("the look at Go");
  return end.code === 0 ? undefined : `Go ${GO_VERSION} or newer is needed: ${goError(end.stderr)}`;
}

/**
 * Builds the CLI and lays our language host beside it.
 * @returns why not, in words, when it cannot be built
 */
export async function buildCli({
  home,
  version,
  env,
  say,
}: CliBuild): Promise<{ bin: string } | { why: string }> {
  const [go = "go"] = programs("go", env);
  const folder = cliFolder(home, version);
  const bin = join(folder, executable("pulumi"));
  return await withStaging(join(home, "versions"), async (staging) => {
    const stagedBin = join(staging, version, "bin", executable("pulumi"));
    const why = await compile(go, stagedBin, { version, env: { ...env, GOTMPDIR: staging }, say });
    if (why !== undefined) return { why };
    await layLanguageHost(join(staging, version, "bin"), folder);
    await moveIntoPlace(join(staging, version), join(home, "versions", version), () => isExecutable(bin));
    return { bin };
  });
}

async function compile(
  go: string,
  bin: string,
  { version, env, say }: Omit<CliBuild, "home">,
): Promise<string | undefined> {
  let fetched = 0;
  say("Building the Pulumi CLI from its Go module: 4 to 7 minutes on two cores, once");
  const listed = await withProgress(
    say,
    (seconds) => `Fetching the modules of the Pulumi CLI: ${fetched} so far, ${seconds} s`,
    () =>
      runGo(go, ["list", "-mod=readonly", "-deps", PACKAGE], env, (line) => {
        if (line.startsWith("go: downloading")) fetched += 1;
      }),
  );
  if (listed.cut !== undefined) throw interrupted("the build of the Pulumi CLI");
  if (listed.code !== 0) return `its modules cannot be fetched: ${goError(listed.stderr)}`;

  const total = listed.stdout.trim().split("\n").length;
  let compiled = 0;
  const built = await withProgress(
    say,
    (seconds) => `Building the Pulumi CLI: ${compiled} of at most ${total} packages compiled, ${seconds} s`,
    () =>
      runGo(go, ["build", ...buildFlags(version), "-o", bin, PACKAGE], env, (line) => {
        // With -v each package that is not in the cache yet is named as it is begun.
        if (/^[\w./~-]+$/.test(line)) compiled += 1;
      }),
  );
  if (built.cut !== undefined) throw interrupted("the build of the Pulumi CLI");
  if (built.code !== 0) return `it did not compile: ${goError(built.stderr)}`;

  const answer = await runChild(bin, ["version"], {
    stdio: "capture",
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
  return answer.stdout.trim() === `v${version}` ? undefined : "what was built does not run";
}

/** -mod=readonly, so that no GOFLAGS of the machine changes the tracked go.mod. */
function buildFlags(version: string): string[] {
  return ["-v", "-mod=readonly", "-trimpath", "-ldflags", `-s -w -X ${VERSION_VARIABLE}=v${version}`];
}

/**
 * Distributions pin their Go (GOTOOLCHAIN=local in its go.env); unless the user did so, an older one may get a newer
 * toolchain from the module proxy, as Go does by default.
 */
function runGo(go: string, args: string[], env: Environment, onLine?: (line: string) => void) {
  return runChild(go, args, {
    stdio: "capture",
    cwd: MODULE_FOLDER,
    env: { ...env, GOTOOLCHAIN: env["GOTOOLCHAIN"] || "auto", GOWORK: "off", CGO_ENABLED: "0" },
    ...(onLine === undefined ? {} : { onLine }),
  });
}

/** The line that says what went wrong, without the names of what was fetched or compiled before. */
function goError(stderr: string): string {
  const lines = stderr.trim().split("\n");
  const telling = lines.findLast((line) => !line.startsWith("go: downloading") && /[:\s]/.test(line));
  return (telling ?? lines.at(-1) ?? "").trim().slice(0, 300) || "no reason given";
}
