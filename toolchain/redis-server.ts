/** The Redis server for plan `native`: one that is there, or one from the machine's package manager. */

import { advice } from "../base/advice.ts";
import { propiq } from "../base/command.ts";
import { PropiqError } from "../base/errors.ts";
import { aptInstallRedis } from "./apt.ts";
import { runChild } from "./child.ts";
import { confirm } from "./confirm.ts";
import { interrupted } from "./interrupted.ts";
import { programs } from "./on-path.ts";
import { withProgress } from "./progress.ts";
import type { Wish } from "./pulumi.ts";
import { findRedisServer, type RedisServer, tooOldRedisServers } from "./server-binary.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface InstalledRedis extends RedisServer {
  source: "installed" | "apt" | "brew";
}

/** A package manager that we know how to use without leaving a service behind. */
interface Installer {
  name: "apt" | "brew";
  /** @returns why it could not be installed, in words, if so */
  install: () => Promise<string | undefined>;
}

/**
 * Finds a redis-server or valkey-server of version 6.2 or newer, or installs one.
 * @throws PropiqError that names what to type
 */
export async function ensureRedisServer(wish: Wish): Promise<InstalledRedis> {
  const found = await findRedisServer(wish.env);
  if (found !== undefined) return { ...found, source: "installed" };
  const why = await install(wish);
  if ("source" in why) {
    const installed = await findRedisServer(wish.env);
    if (installed !== undefined) return { ...installed, source: why.source };
  }
  throw missing(
    await tooOldRedisServers(wish.env),
    "why" in why ? why.why : "it was installed but not found",
  );
}

async function install(wish: Wish): Promise<{ source: Installer["name"] } | { why: string }> {
  const installer = await usableInstaller(wish);
  if ("why" in installer) return installer;
  const { name } = installer;
  if (wish.install === "no") return { why: "not installed without --install" };
  const question = `Install a Redis server with ${name}? Its service will not be started.`;
  if (wish.install === "ask" && !(await confirm(question))) {
    return { why: "not installed without a yes, or --install" };
  }
  const why = await installer.install();
  return why === undefined ? { source: name } : { why };
}

async function usableInstaller({ env, say }: Wish): Promise<Installer | { why: string }> {
  if (process.platform === "linux" && programs("apt-get", env).length > 0) {
    const asRoot = await rootCommand(env);
    if (asRoot === undefined) return { why: "apt needs root, and sudo asks for a password" };
    return { name: "apt", install: () => aptInstallRedis({ env, say, asRoot }) };
  }
  const [brew] = programs("brew", env, ["/opt/homebrew/bin", "/usr/local/bin"]);
  if (brew !== undefined) return { name: "brew", install: () => brewInstallRedis(brew, env, say) };
  return { why: "neither apt nor Homebrew is here to install it" };
}

/** What to put before a command that needs root; undefined when nothing would do without a password. */
async function rootCommand(env: Environment): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const [sudo] = programs("sudo", env);
  if (sudo === undefined) return undefined;
  const end = await runChild(sudo, ["-n", "true"], { stdio: "capture", env });
  return end.code === 0 ? [sudo, "-n"] : undefined;
}

/** Homebrew starts a service only on request. */
async function brewInstallRedis(
  brew: string,
  env: Environment,
  say: (line: string) => void,
): Promise<string | undefined> {
  say("Installing redis with Homebrew");
  const end = await withProgress(
    say,
    (seconds) => `Installing redis with Homebrew: ${seconds} s`,
    () =>
      runChild(brew, ["install", "--quiet", "redis"], {
        stdio: "capture",
        env: { ...env, HOMEBREW_NO_AUTO_UPDATE: "1" },
      }),
  );
  if (end.cut !== undefined) throw interrupted("the install of a Redis server");
  return end.code === 0 ? undefined : `brew install failed: ${end.stderr.trim().split("\n").at(-1) ?? ""}`;
}

function missing(tooOld: readonly RedisServer[], why: string): PropiqError {
  const old = tooOld.map(({ bin, version }) => ` ${bin} is ${version}, too old.`).join("");
  return new PropiqError(
    `There is no redis-server or valkey-server of version 6.2 or newer on this machine (${why}).${old}`,
    {
      code: "TOOL_MISSING",
      next: advice(
        "Let propiq-cache install it. Or install it yourself: apt-get install redis-server, dnf install valkey, apk add redis, brew install redis.",
        propiq("setup", "--install"),
      ),
    },
  );
}
