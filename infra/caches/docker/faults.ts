/**
 * What the Docker provider and the engine say when a cache cannot be made, and what to do.
 * The provider hands on the engine's own text with a few words before it. Texts as seen with the provider 5.2.0 on
 * engine 20.10; those of newer engines and of Docker Desktop as in moby/moby (`libnetwork`, `client/errors.go`).
 */

import { type Advice, advice, followedBy } from "../../../base/advice.ts";
import { program, propiq, setConfig, shell } from "../../../base/command.ts";
import type { Explanation } from "../../refusals/refusal.ts";
import { portAdvice, useRunningRedis } from "../port-taken.ts";

/** What the stack wanted. */
export interface DockerWish {
  port: number;
  /** The container's name. */
  name: string;
  image: string;
  /** The stack's name, as the next command needs it. */
  stack: string;
}

interface Fault {
  pattern: RegExp;
  explain(wish: DockerWish, match: RegExpExecArray): Explanation;
}

const NATIVE = "Or use a redis-server of this machine instead.";

/** The address without what a user name or password in it would give away. */
const shown = (address = "its socket"): string => address.replace(/\/\/[^/@]*@/, "//").replace(/[.,:]+$/, "");

const portTaken = (port: string | undefined, wish: DockerWish): Explanation => {
  const taken = Number(port ?? wish.port);
  return {
    happened: `Port ${taken} of this machine is already taken, so the container ${wish.name} could not start.`,
    next: portAdvice(taken, wish.stack),
  };
};

export const nameTaken = (wish: DockerWish): Explanation => ({
  happened: `A container named ${wish.name} already exists, and this stack did not make it. It was not changed.`,
  next: advice(
    "Remove it if nobody needs it (first command), choose another name (second command), or use the Redis in it (last two commands).",
    program("docker", "rm", "-f", wish.name),
    setConfig(wish.stack, "name", "propiq-redis-2"),
    ...useRunningRedis(wish.stack, wish.port),
  ),
});

const cannotPull = (why: string, next: Advice, { image }: DockerWish): Explanation => ({
  happened: `The image ${image} could not be fetched: ${why}.`,
  next: followedBy(next, program("docker", "pull", image)),
});

/** The first that fits counts: what lies deepest stands first. */
const FAULTS: readonly Fault[] = [
  {
    // client/errors.go: "permission denied while trying to connect to the Docker daemon socket at unix:///…"
    pattern: /permission denied while trying to connect to the docker (?:daemon socket|API)(?: at (\S+))?/i,
    explain: (_, [, address]) => ({
      happened: `Docker runs, but this user may not talk to it at ${shown(address)}.`,
      next: advice(
        `Allow it, then sign in again. ${NATIVE}`,
        shell('sudo usermod -aG docker "$USER"'),
        propiq("dev"),
      ),
    }),
  },
  {
    // The provider's start: "failed to connect to any docker daemon", whatever the reason; its later calls: "Error
    // pinging Docker server, please make sure that unix:///… is reachable …"; the engine gone in between: "Cannot
    // connect to the Docker daemon at unix:///…. Is the docker daemon running?".
    pattern:
      /(?:please make sure that|cannot connect to the docker daemon at|failed to connect to the docker API at) (\S+)|failed to connect to any docker daemon|error during connect:/i,
    explain: (_, [, address]) => ({
      happened:
        address === undefined
          ? "No Docker engine answers."
          : `No Docker engine answers at ${shown(address)}.`,
      next: advice(
        `Start Docker, and check that you may use it. ${NATIVE}`,
        program("docker", "info"),
        propiq("dev"),
      ),
    }),
  },
  {
    pattern: /no space left on device/i,
    explain: ({ name }) => ({
      happened: `Docker has no disk space left for the container ${name}.`,
      next: advice(
        "See what uses it, and remove what nothing needs.",
        program("docker", "system", "df"),
        program("docker", "system", "prune"),
      ),
    }),
  },
  {
    // 20.10: "Error starting userland proxy: listen tcp4 127.0.0.1:6379: bind: address already in use"
    // between containers: "Bind for 127.0.0.1:6379 failed: port is already allocated"
    // 28: "failed to bind host port for 127.0.0.1:6379:172.17.0.2:6379/tcp: address already in use"
    // Docker Desktop: "Ports are not available: exposing port TCP 127.0.0.1:6379 -> …"
    pattern:
      /(?:listen tcp[46]? |bind for |bind host port for |bind host port |exposing port tcp )(?:\[[^\]]*\]|[\d.]*):(\d+).*?(?:already in use|already allocated|only one usage|forbidden by its access)/is,
    explain: (wish, [, port]) => portTaken(port, wish),
  },
  {
    pattern: /port is already allocated|ports are not available|bind: address already in use/i,
    explain: (wish) => portTaken(undefined, wish),
  },
  {
    // Engine: 'Conflict. The container name "/propiq-redis" is already in use by container "…".'
    pattern: /container name "\/?([^"]+)" is already in use/i,
    explain: (wish, [, name = wish.name]) => nameTaken({ ...wish, name }),
  },
  {
    pattern: /toomanyrequests|pull rate limit/i,
    explain: (wish) =>
      cannotPull(
        "the registry allows this address no more downloads for now",
        advice("Sign in, which allows more, or wait an hour.", program("docker", "login")),
        wish,
      ),
  },
  {
    pattern: /pull access denied|manifest unknown|manifest for .* not found|no matching manifest/i,
    explain: (wish) =>
      cannotPull(
        "the registry has no such image for this machine",
        advice("If Docker uses a mirror of the registry, check what it holds.", program("docker", "info")),
        wish,
      ),
  },
  {
    // Provider: "unable to pull image NAME: error pulling image NAME: …", "unable to find or pull image NAME"
    pattern: /unable to (?:find or )?pull image/i,
    explain: (wish) =>
      cannotPull(
        "Docker could not reach the registry, or did not get a complete image from it",
        advice(
          `Behind a proxy, configure it for the engine too: https://docs.docker.com/engine/daemon/proxy/. Without a registry, load the image from a file. ${NATIVE}`,
          program("docker", "load", "-i", "FILE"),
          propiq("dev"),
        ),
        wish,
      ),
  },
];

/** Words for what the provider said, or nothing where it is not a fault that we know. */
export function explainDockerFault(text: string, wish: DockerWish): Explanation | undefined {
  for (const { pattern, explain } of FAULTS) {
    const match = pattern.exec(text);
    if (match !== null) return explain(wish, match);
  }
  return undefined;
}
