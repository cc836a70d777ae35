/** A Pulumi CLI that is on the machine already. */
import { readdirSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { runChild } from "./child.ts";
import { interrupted } from "./interrupted.ts";
import { isExecutable, programs } from "./on-path.ts";
import { cliFolder, executable, usualPulumiHome } from "./paths.ts";
import { rememberedVersion } from "./remembered-version.ts";
import { isAtLeast, PULUMI_VERSION, sameMajor } from "./version.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Something that was tried, and why it would not do. */
export interface PassedOver {
  what: string;
  why: string;
}

const ANSWER_MS = 10_000;

/** The first CLI of the machine that will do, and what was passed over on the way. */
export async function findInstalledCli(
  env: Environment,
): Promise<{ cli?: { bin: string; version: string }; passedOver: PassedOver[] }> {
  const passedOver: PassedOver[] = [];
  for (const bin of candidates(env)) {
    const judged = await judge(bin, env);
    if ("version" in judged) return { cli: { bin, version: judged.version }, passedOver };
    passedOver.push({ what: bin, why: judged.why });
  }
  return { passedOver };
}

/** PATH first, then where Pulumi's install script and its npm package put it. */
function candidates(env: Environment): string[] {
  const home = usualPulumiHome(env);
  const kept = [join(home, "bin"), ...keptVersions(home).map((version) => cliFolder(home, version))];
  return programs("pulumi", env, kept).filter((bin) => !isNpmWrapper(bin));
}

/** Newest first. */
function keptVersions(home: string): string[] {
  try {
    return readdirSync(join(home, "versions"))
      .filter((name) => /^\d/.test(name))
      .toSorted((a, b) => (isAtLeast(a, b) ? -1 : 1));
  } catch {
    return [];
  }
}

/** The npm package's `pulumi` downloads one before it answers, and a signal to it leaves the real one running. */
function isNpmWrapper(bin: string): boolean {
  return realpathSync(bin).endsWith(join(`${sep}pulumi`, "run.js"));
}

async function judge(bin: string, env: Environment): Promise<{ version: string } | { why: string }> {
  const said = await rememberedVersion(bin, () => askVersion(bin, env));
  if ("why" in said) return said;
  const { version } = said;
  if (!isAtLeast(version, PULUMI_VERSION)) return { why: `is ${version}, older than ${PULUMI_VERSION}` };
  if (!sameMajor(version, PULUMI_VERSION)) return { why: `is ${version}, and only 3.x is known to work` };
  if (!hasLanguageHost(bin, env)) return { why: "has no pulumi-language-nodejs beside it or on PATH" };
  return { version };
}

async function askVersion(bin: string, env: Environment): Promise<{ version: string } | { why: string }> {
  const end = await runChild(bin, ["version"], {
    stdio: "capture",
    timeoutMs: ANSWER_MS,
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
  }).catch((error: NodeJS.ErrnoException) => error);
  if (!(end instanceof Error) && end.cut?.startsWith("SIG")) throw interrupted("the look at the Pulumi CLI");
  if (end instanceof Error) return { why: `cannot be run (${end.code ?? end.message})` };
  const version = end.stdout.trim().replace(/^v/, "");
  if (end.code !== 0 || !/^\d+\.\d+\.\d+/.test(version)) return { why: "does not say its version" };
  return { version };
}

function hasLanguageHost(bin: string, env: Environment): boolean {
  const beside = [dirname(bin), dirname(realpathSync(bin))];
  return (
    beside.some((folder) => isExecutable(join(folder, executable("pulumi-language-nodejs")))) ||
    programs("pulumi-language-nodejs", { PATH: env["PATH"] ?? "" }).length > 0
  );
}
