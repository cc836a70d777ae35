/** Where a Docker engine may be asked for on this machine, in the order in which the docker command itself looks. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/** One address, as Docker writes it (`unix:///…`, `tcp://…`), or a wish that leads to none, with the reason. */
export type Endpoint = { host: string } | { wish: string; reason: string };

/**
 * A host or context that was chosen (DOCKER_HOST, DOCKER_CONTEXT, `docker context use`) is the only one, as it is for
 * the docker command (docker/cli: cli/command/cli.go, `resolveContextName`); otherwise the default socket, then those
 * of Docker Desktop, Colima, OrbStack and a rootless engine.
 */
export async function dockerEndpoints(env: Environment): Promise<Endpoint[]> {
  if (env["DOCKER_HOST"]) return [{ host: env["DOCKER_HOST"] }];
  const home = env["HOME"] ?? homedir();
  const folder = env["DOCKER_CONFIG"] || join(home, ".docker");
  const context = env["DOCKER_CONTEXT"] || (await currentContext(folder));
  if (context !== undefined && context !== "default") return [await endpointOf(context, folder)];
  return defaultHosts(env, home).map((host) => ({ host }));
}

function defaultHosts(env: Environment, home: string): string[] {
  if (process.platform === "win32") {
    return ["npipe:////./pipe/docker_engine", "npipe:////./pipe/dockerDesktopLinuxEngine"];
  }
  const rootless = env["XDG_RUNTIME_DIR"] ?? `/run/user/${process.getuid?.() ?? 0}`;
  return [
    "/var/run/docker.sock",
    join(home, ".docker/run/docker.sock"),
    join(home, ".colima/default/docker.sock"),
    join(home, ".orbstack/run/docker.sock"),
    join(rootless, "docker.sock"),
  ].map((path) => `unix://${path}`);
}

async function currentContext(folder: string): Promise<string | undefined> {
  const name = field(await readJson(join(folder, "config.json")), "currentContext");
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** Contexts lie in folders named by the SHA-256 of their names (docker/cli: cli/context/store/metadatastore.go). */
async function endpointOf(context: string, folder: string): Promise<Endpoint> {
  const id = createHash("sha256").update(context).digest("hex");
  const meta = await readJson(join(folder, "contexts", "meta", id, "meta.json"));
  const host = field(field(field(meta, "Endpoints"), "docker"), "Host");
  if (typeof host === "string" && host !== "") return { host };
  return { wish: `context ${context}`, reason: "there is no such context; see: docker context ls" };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    // Without a readable file the docker command continues with its defaults, too.
    return undefined;
  }
}

function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}
