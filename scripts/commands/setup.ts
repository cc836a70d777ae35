/** `setup`: gets the tools, and says which are used and from where. */

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

/** A line of the table: what, which version, from where. For what is missing, why takes the place of both. */
type Row = readonly [tool: string, version: string, from: string] | readonly [tool: string, missing: string];

const TERMINAL: SetupIo = { say, env: process.env };

/**
 * Succeeds when `dev` can work: with a CLI, and Docker or a redis-server.
 * @throws PropiqError that says all that is to be installed
 */
export async function setup({ install }: SetupOptions, { say, env }: SetupIo = TERMINAL): Promise<number> {
  const wish: Wish = { install: install ? "yes" : "ask", say, env };
  const cli = await ensurePulumi(wish).catch(asMissing);
  const engine = await findDockerEngine(env);
  const plugin = engine.found && !(cli instanceof PropiqError) && (await findDockerPlugin(cli, { say, env }));
  const hasDocker = plugin !== false && plugin.found;
  // With Docker none is needed; one that is there is shown all the same.
  const redis = await ensureRedisServer(hasDocker ? { ...wish, install: "no" } : wish).catch(asMissing);
  const missing = [cli, hasDocker ? undefined : redis].filter((tool) => tool instanceof PropiqError);
  if (cli instanceof PropiqError || missing.length > 0) throw allOf(missing);

  const rows: Row[] = [
    ["Node.js", process.versions.node, process.execPath],
    ["Pulumi CLI", cli.version, `${cli.source}: ${cli.bin}`],
    ["Language host", cli.version, LANGUAGE_HOSTS[cli.source]],
    engine.found
      ? ["Docker engine", engine.version, engine.host]
      : ["Docker engine", `none answers (looked at ${engine.tried.length} places)`],
    ...(plugin === false
      ? []
      : [plugin.found ? pluginRow(plugin) : (["Docker plugin", plugin.reason] as const)]),
    redis instanceof PropiqError
      ? ["redis-server", "none, and none is needed with Docker"]
      : [`${redis.flavour}-server`, redis.version, `${redis.source}: ${redis.bin}`],
  ];
  say("");
  for (const line of table(rows)) say(line);
  say("");
  const where = hasDocker ? "in Docker" : "by redis-server";
  say(`Next: ./propiq-cache dev    (a cache ${where}, checked, its settings in .env)`);
  return 0;
}

function pluginRow({ version, from }: Extract<DockerPlugin, { found: true }>): Row {
  return ["Docker plugin", version, from];
}

/** What cannot be had is said together with the rest; anything else ends the command. */
function asMissing(error: unknown): PropiqError {
  if (error instanceof PropiqError && error.exitCode === EXIT.notAsked) return error;
  throw error;
}

function allOf(missing: readonly PropiqError[]): PropiqError {
  return new PropiqError(missing.map(({ message }) => message).join("\n"), {
    hint: missing.map(({ hint }) => hint).join("\n"),
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
