/** Installs a Redis server on Debian and its descendants, without the service that the package brings along. */
import { join } from "node:path";
import { type ChildEnd, type ChildOptions, runChild } from "./child.ts";
import { interrupted } from "./interrupted.ts";
import { withProgress } from "./progress.ts";
import { isRecent } from "./server-binary.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** In this order. A distribution may carry one only, or a Redis that is too old. */
const PACKAGES = ["redis-server", "valkey-server"];

/**
 * Debian starts and enables a package's service while configuring it, and nothing but these helpers does so. The
 * folder holds some of their names, first on dpkg's PATH: whenever dpkg is killed, nothing was started or enabled.
 */
const NO_SERVICE = join(import.meta.dirname, "no-service");
/** apt's own value of DPkg::Path. */
const DPKG_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

export interface Apt {
  env: Environment;
  say: (line: string) => void;
  /** Ours, or `sudo -n`'s. */
  asRoot: readonly string[];
}

/** @returns why it could not be installed, in words, if so */
export async function aptInstallRedis(apt: Apt): Promise<string | undefined> {
  for (const name of PACKAGES) {
    const { installed } = await versions(name, apt.env);
    // Its service may be in use, so an upgrade is the administrator's to make.
    if (installed !== undefined) return `the package ${name} ${installed} is installed already`;
  }
  // A new machine has no lists of packages, an old one has lists of what is no longer kept.
  let fetched = await fetchPackage(apt);
  if ("why" in fetched) {
    fetched = (await aptGet(apt, "Updating apt's lists", ["update"])) ?? (await fetchPackage(apt));
  }
  if ("why" in fetched) return fetched.why;
  // What dpkg does takes seconds, and stopped halfway it would leave the machine's packages in disorder.
  const install = ["-o", `DPkg::Path=${NO_SERVICE}:${DPKG_PATH}`, ...INSTALL, fetched.name];
  return (await aptGet(apt, `Installing ${fetched.name}`, install, { finish: true }))?.why;
}

const INSTALL = ["install", "--yes", "--no-install-recommends"];

async function fetchPackage(apt: Apt): Promise<{ name: string } | { why: string }> {
  for (const name of PACKAGES) {
    const { candidate } = await versions(name, apt.env);
    if (candidate === undefined || !isRecent(candidate)) continue;
    return (await aptGet(apt, `Fetching ${name}`, [...INSTALL, "--download-only", name])) ?? { name };
  }
  return { why: "apt offers neither redis-server nor valkey-server of version 6.2 or newer" };
}

/** The version of a package that is installed, and the one that would be. */
async function versions(name: string, env: Environment): Promise<{ installed?: string; candidate?: string }> {
  const { stdout } = await runChild("apt-cache", ["policy", name], {
    stdio: "capture",
    env: { ...env, LC_ALL: "C" },
  });
  const field = (label: string) => new RegExp(`${label}: (\\d\\S*)`).exec(stdout)?.[1];
  const [installed, candidate] = [field("Installed"), field("Candidate")];
  return { ...(installed && { installed }), ...(candidate && { candidate }) };
}

async function aptGet(
  { env, say, asRoot }: Apt,
  title: string,
  words: readonly string[],
  how: Pick<ChildOptions, "finish"> = {},
): Promise<{ why: string } | undefined> {
  // sudo passes none of our variables, so use env.
  const command = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "apt-get"];
  const wait = ["-o", "DPkg::Lock::Timeout=120"];
  const [program = "env", ...args] = [...command, ...wait, ...words];
  say(title);
  const end: ChildEnd = await withProgress(
    say,
    (seconds) => `${title}: ${seconds} s`,
    () => runChild(program, args, { stdio: "capture", env, ...how }),
  );
  if (end.cut !== undefined) throw interrupted("the install of a Redis server");
  return end.code === 0 ? undefined : { why: `apt-get ${words[0]} failed: ${aptError(end.stderr)}` };
}

function aptError(stderr: string): string {
  const errors = stderr.split("\n").filter((line) => line.startsWith("E: "));
  return (errors[0] ?? stderr.trim().split("\n").at(-1) ?? "").slice(0, 300) || "no reason given";
}
