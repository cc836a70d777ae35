/**
 * What the Docker provider and the engine say when a cache cannot be made, in words that lead on.
 * The provider hands on the engine's own text with a few words before it. Texts as seen with the provider 5.2.0 on
 * engine 20.10; those of newer engines and of Docker Desktop as in moby/moby (`libnetwork`, `client/errors.go`).
 */

import { waysAroundPort } from "../port-taken.ts";

/** What the stack wanted. */
export interface DockerWish {
  port: number;
  /** The container's name. */
  name: string;
  image: string;
  /** The stack's name, as the next command needs it. */
  stack: string;
}

export interface Explanation {
  message: string;
  /** The ways on, a line each. */
  hint: string;
}

interface Fault {
  pattern: RegExp;
  explain(wish: DockerWish, match: RegExpExecArray): Explanation;
}

const config = (rest: string, { stack }: DockerWish): string =>
  `./propiq-cache pulumi config set ${rest} --stack ${stack}`;

/** The address without what a user name or password in it would give away. */
const shown = (address = "its socket"): string => address.replace(/\/\/[^/@]*@/, "//").replace(/[.,:]+$/, "");

const portTaken = (port: string | undefined, wish: DockerWish): Explanation => {
  const taken = Number(port ?? wish.port);
  return {
    message: `Port ${taken} of this machine is already taken, so the container ${wish.name} could not start.`,
    hint: waysAroundPort(taken, wish.stack),
  };
};

export const nameTaken = (wish: DockerWish): Explanation => ({
  message: `A container named ${wish.name} is already there, and this stack did not make it. It was left as it is.`,
  hint: [
    `If nobody needs it, remove it: docker rm -f ${wish.name}`,
    `or take another name: ${config("name propiq-redis-2", wish)}`,
    "or use the Redis inside it:",
    `  ${config("plan external", wish)}`,
    `  ${config(`--secret url redis://127.0.0.1:${wish.port}/0`, wish)}`,
  ].join("\n"),
});

const cannotPull = (why: string, ways: readonly string[], { image }: DockerWish): Explanation => ({
  message: `The image ${image} could not be fetched: ${why}.`,
  hint: [...ways, `Then see whether it works: docker pull ${image}`].join("\n"),
});

/** The first that fits counts: what lies deepest stands first. */
const FAULTS: readonly Fault[] = [
  {
    // client/errors.go: "permission denied while trying to connect to the Docker daemon socket at unix:///…"
    pattern: /permission denied while trying to connect to the docker (?:daemon socket|API)(?: at (\S+))?/i,
    explain: (_, [, address]) => ({
      message: `Docker runs, but this user may not talk to it at ${shown(address)}.`,
      hint: [
        'Let your user do so, then sign in again: sudo usermod -aG docker "$USER"',
        "or take a redis-server of this machine instead: ./propiq-cache dev",
      ].join("\n"),
    }),
  },
  {
    // The provider's start: "failed to connect to any docker daemon", whatever the reason; its later calls: "Error
    // pinging Docker server, please make sure that unix:///… is reachable …"; the engine gone in between: "Cannot
    // connect to the Docker daemon at unix:///…. Is the docker daemon running?".
    pattern:
      /(?:please make sure that|cannot connect to the docker daemon at|failed to connect to the docker API at) (\S+)|failed to connect to any docker daemon|error during connect:/i,
    explain: (_, [, address]) => ({
      message:
        address === undefined
          ? "No Docker engine answers."
          : `No Docker engine answers at ${shown(address)}.`,
      hint: [
        "Start Docker; see whether you may use it: docker info",
        "or take a redis-server of this machine instead: ./propiq-cache dev",
      ].join("\n"),
    }),
  },
  {
    pattern: /no space left on device/i,
    explain: ({ name }) => ({
      message: `Docker has no disk space left for the container ${name}.`,
      hint: "See what takes it: docker system df\nfree what nothing uses: docker system prune",
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
        ["Sign in, which allows more: docker login", "or wait an hour."],
        wish,
      ),
  },
  {
    pattern: /pull access denied|manifest unknown|manifest for .* not found|no matching manifest/i,
    explain: (wish) =>
      cannotPull(
        "the registry has no such image for this machine",
        ["If a mirror stands before the registry, see what it holds: docker info"],
        wish,
      ),
  },
  {
    // Provider: "unable to pull image NAME: error pulling image NAME: …", "unable to find or pull image NAME"
    pattern: /unable to (?:find or )?pull image/i,
    explain: (wish) =>
      cannotPull(
        "Docker could not reach the registry, or got no whole image from it",
        [
          "Behind a proxy, the engine needs it too: https://docs.docker.com/engine/daemon/proxy/",
          `Without a registry, load the image from a file: docker load -i FILE`,
          "or take a redis-server of this machine instead: ./propiq-cache dev",
        ],
        wish,
      ),
  },
];

/** Words for what the provider said, or nothing where it is no fault that we know. */
export function explainDockerFault(text: string, wish: DockerWish): Explanation | undefined {
  for (const { pattern, explain } of FAULTS) {
    const match = pattern.exec(text);
    if (match !== null) return explain(wish, match);
  }
  return undefined;
}
