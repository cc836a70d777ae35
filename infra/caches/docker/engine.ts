/** The Docker engine of this machine: which one answers, and the few things that we ask of it outside Pulumi. */
import { type Advice, advice } from "../../../base/advice.ts";
import { program, propiq, shell } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { callDocker, type DockerAnswer, type DockerCall, unreachableKind } from "./api.ts";
import { dockerEndpoints, type Environment } from "./endpoints.ts";

const PING_TIMEOUT_MS = 2_000;
/** Removing stops the container first, which Redis may take some seconds for. */
const CALL_TIMEOUT_MS = 30_000;

/** What the search for an engine came to. `host` is as Docker writes it: `unix:///…`, `npipe://…`, `tcp://…`. */
export type DockerSearch =
  | { found: true; host: string; version: string }
  | { found: false; tried: readonly { host: string; reason: string }[]; next: Advice };

/** A container as far as we care. */
export interface DockerContainer {
  id: string;
  running: boolean;
  labels: Readonly<Record<string, string>>;
  /** Ports of this machine that lead to it. */
  ports: readonly number[];
}

/**
 * The engine that the docker command would use, or else one that is known to listen elsewhere on this machine.
 * Each address gets 2 seconds to answer. Never rejects.
 */
export async function findDockerEngine(env: Environment): Promise<DockerSearch> {
  const tried: { host: string; reason: string; code?: string | undefined }[] = [];
  for (const endpoint of await dockerEndpoints(env)) {
    if ("wish" in endpoint) {
      tried.push({ host: endpoint.wish, reason: endpoint.reason });
      continue;
    }
    const { host } = endpoint;
    const unreachable = unreachableKind(host);
    if (unreachable !== undefined) {
      tried.push({ host, reason: unreachable });
      continue;
    }
    const answer = await ping(host);
    if ("version" in answer) return { found: true, host, version: answer.version };
    tried.push({ host, ...answer });
  }
  const denied = tried.some(({ code }) => code === "EACCES");
  return {
    found: false,
    tried: tried.map(({ host, reason }) => ({ host, reason })),
    next: denied ? ALLOW_USER : START_DOCKER,
  };
}

const START_DOCKER = advice("Start Docker. Or use a redis-server of this machine instead.", propiq("dev"));
const ALLOW_USER = advice(
  "Allow your user to use Docker, then sign in again. Or use a redis-server of this machine instead.",
  shell('sudo usermod -aG docker "$USER"'),
  propiq("dev"),
);

async function ping(
  host: string,
): Promise<{ version: string } | { reason: string; code?: string | undefined }> {
  try {
    const { status, headers } = await callDocker(host, {
      method: "GET",
      path: "/_ping",
      timeoutMs: PING_TIMEOUT_MS,
    });
    // Every engine since 1.12 names its API here; a web server on that port does not.
    const api = headers["api-version"];
    if (status !== 200 || typeof api !== "string") {
      return { reason: `answered with HTTP ${status}, not as a Docker engine` };
    }
    // As in "Docker/29.1.2 (linux)".
    return { version: /^\w+\/(\S+)/.exec(String(headers["server"]))?.[1] ?? `API ${api}` };
  } catch (error) {
    const code = codeOf(error);
    return { reason: REASONS[code ?? ""] ?? String(error instanceof Error ? error.message : error), code };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such socket",
  ECONNREFUSED: "nothing listens on it",
  EACCES: "this user may not open it",
};

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The container of that name or id, or nothing where there is none. */
export async function inspectContainer(host: string, name: string): Promise<DockerContainer | undefined> {
  const answer = await call(
    host,
    { method: "GET", path: `/containers/${encodeURIComponent(name)}/json` },
    [200, 404],
  );
  if (answer.status === 404) return undefined;
  const found = JSON.parse(answer.text) as {
    Id: string;
    State: { Running: boolean };
    Config: { Labels: Record<string, string> | null };
    HostConfig: { PortBindings: Record<string, { HostPort: string }[] | null> | null };
  };
  const bindings = Object.values(found.HostConfig.PortBindings ?? {}).flatMap((bound) => bound ?? []);
  return {
    id: found.Id,
    running: found.State.Running,
    labels: found.Config.Labels ?? {},
    ports: bindings.map(({ HostPort }) => Number(HostPort)),
  };
}

/** Ends the container and removes it with its unnamed volumes. One that does not exist, or is being removed, counts as removed. */
export async function removeContainer(host: string, id: string): Promise<void> {
  const path = `/containers/${encodeURIComponent(id)}?force=true&v=true`;
  await call(host, { method: "DELETE", path }, [204, 404, 409]);
}

async function call(
  host: string,
  what: Omit<DockerCall, "timeoutMs">,
  expected: readonly number[],
): Promise<DockerAnswer> {
  let answer: DockerAnswer;
  try {
    answer = await callDocker(host, { ...what, timeoutMs: CALL_TIMEOUT_MS });
  } catch (cause) {
    throw new PropiqError(`The Docker engine at ${host} does not answer: ${(cause as Error).message}`, {
      code: "DOCKER_UNUSABLE",
      next: START_DOCKER,
      cause,
    });
  }
  if (expected.includes(answer.status)) return answer;
  throw new PropiqError(
    `The Docker engine at ${host} refused ${what.method} ${what.path}: ${answer.text.trim()}`,
    {
      code: "DOCKER_UNUSABLE",
      next: advice("Check Docker.", program("docker", "info")),
    },
  );
}
