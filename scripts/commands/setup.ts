/** `setup`: installs the tools, and reports which are used and from where. */

import { together } from "../../base/advice.ts";
import { commandLine, propiq } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { findDockerEngine } from "../../infra/caches/docker/engine.ts";
import { type DockerPlugin, findDockerPlugin } from "../../toolchain/docker-plugin.ts";
import { ensurePulumi, type PulumiCli, type Wish } from "../../toolchain/pulumi.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { say } from "../print.ts";

interface SetupOptions {
  /** Whether what is missing may be installed or built without asking. */
  install: boolean;
}

interface SetupIo {
  say: (line: string) => void;
  env: Wish["env"];
}

/** A line of the table: tool, version, origin. For a missing tool, the reason replaces both. */
type Row = readonly [tool: string, version: string, from: string] | readonly [tool: string, missing: string];

const TERMINAL: SetupIo = { say, env: process.env };

/**
 * Succeeds when `dev` can work: with a CLI, and Docker or a redis-server.
 * @throws PropiqError that names everything to install
 */
export async function setup({ install }: SetupOptions, { say, env }: SetupIo = TERMINAL): Promise<number> {
  const wish: Wish = { install: install ? "yes" : "ask", say, env };
  const cli = await ensurePulumi(wish).catch(asMissing);
  const engine = await findDockerEngine(env);
  const plugin = engine.found && !(cli instanceof PropiqError) && (await findDockerPlugin(cli, { say, env }));
  const hasDocker = plugin !== false && plugin.found;
  // With Docker no redis-server is needed. An installed one is shown anyway.
  const redis = await ensureRedisServer(hasDocker ? { ...wish, install: "no" } : wish).catch(asMissing);
  const missing = [cli, hasDocker ? undefined : redis].filter((tool) => tool instanceof PropiqError);
  if (cli instanceof PropiqError || missing.length > 0) throw allOf(missing);

  const rows: Row[] = [
    ["Node.js", process.versions.node, process.execPath],
    ["Pulumi CLI", cli.version, `${cli.source}: ${cli.bin}`],
    ["Language host", cli.version, LANGUAGE_HOSTS[cli.source]],
    engine.found
      ? ["Docker engine", engine.version, engine.host]
      : ["Docker engine", `none answers (tried ${engine.tried.length} addresses)`],
    ...(plugin === false
      ? []
      : [plugin.found ? pluginRow(plugin) : (["Docker plugin", plugin.reason] as const)]),
    redis instanceof PropiqError
      ? ["redis-server", "none (not needed with Docker)"]
      : [`${redis.flavour}-server`, redis.version, `${redis.source}: ${redis.bin}`],
  ];
  say("");
  for (const line of table(rows)) say(line);
  say("");
  const where = hasDocker ? "in Docker" : "by redis-server";
  say(
    `Next: ${commandLine(propiq("dev"))}    (creates a cache ${where}, verifies it, writes its settings to .env)`,
  );
  return 0;
}

function pluginRow({ version, from }: Extract<DockerPlugin, { found: true }>): Row {
  return ["Docker plugin", version, from];
}

/** Missing tools are reported together. Any other error ends the command. */
function asMissing(error: unknown): PropiqError {
  if (error instanceof PropiqError && error.exitCode === EXIT.notAsked) return error;
  throw error;
}

function allOf(missing: readonly PropiqError[]): PropiqError {
  return new PropiqError(missing.map(({ message }) => message).join("\n"), {
    code: "TOOL_MISSING",
    next: together(missing.map(({ next }) => next)),
  });
}

const LANGUAGE_HOSTS: Readonly<Record<PulumiCli["source"], string>> = {
  installed: "Pulumi's own, with the CLI",
  downloaded: "Pulumi's own, with the CLI",
  built: "this project's, in toolchain/language-host",
};

function table(rows: readonly Row[]): string[] {
  const width = (column: 0 | 1) =>
    Math.max(...rows.filter((row) => row.length === 3 || column === 0).map((row) => row[column].length));
  const [toolWidth, versionWidth] = [width(0), width(1)];
  return rows.map(([tool, version, from]) =>
    [tool.padEnd(toolWidth), ...(from === undefined ? [version] : [version.padEnd(versionWidth), from])].join(
      "  ",
    ),
  );
}
