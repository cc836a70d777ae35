import { describe, expect, it } from "vitest";
import { adviceText } from "../../../../base/advice.ts";
import { explainDockerFault } from "../../../../infra/caches/docker/faults.ts";

const wish = { port: 6379, name: "propiq-redis", image: "redis:7-alpine", stack: "dev" };
const config = "./propiq-cache pulumi config set";

/** What was said, a part of the message, and a command that must be among the options. */
const SAID: [string, string, RegExp, string][] = [
  [
    "a port taken by a process (engine 20.10)",
    "Unable to start container: Error response from daemon: driver failed programming external connectivity on endpoint propiq-redis (8f0): Error starting userland proxy: listen tcp4 127.0.0.1:6390: bind: address already in use",
    /Port 6390 .*already taken/,
    `${config} port 6391 --stack dev`,
  ],
  [
    "a port taken by another container",
    "Unable to start container: Error response from daemon: driver failed programming external connectivity on endpoint b (1c): Bind for 127.0.0.1:6379 failed: port is already allocated",
    /Port 6379/,
    `${config} --secret url redis://127.0.0.1:6379/0 --stack dev`,
  ],
  [
    "a port taken (engine 28)",
    "Unable to start container: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint a (2b): failed to bind host port for 127.0.0.1:6379:172.17.0.2:6379/tcp: address already in use",
    /Port 6379/,
    `${config} plan external --stack dev`,
  ],
  [
    "a port taken (Docker Desktop)",
    "Ports are not available: exposing port TCP 127.0.0.1:7000 -> 127.0.0.1:0: listen tcp 127.0.0.1:7000: bind: address already in use",
    /Port 7000/,
    `${config} port 7001 --stack dev`,
  ],
  [
    "a port taken, in words that do not name it",
    "driver failed: port is already allocated",
    /Port 6379/,
    "lsof -i :6379",
  ],
  [
    "no engine",
    "failed to create Docker client: Error pinging Docker server, please make sure that unix:///var/run/docker.sock is reachable and has a  '_ping' endpoint. Error: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    /No Docker engine answers at unix:\/\/\/var\/run\/docker\.sock\.$/,
    "./propiq-cache dev",
  ],
  [
    "no engine when the provider starts",
    "docker native provider returned an unexpected error from Configure: failed to connect to any docker daemon",
    /^No Docker engine answers\.$/,
    "docker info",
  ],
  [
    "an engine that went away",
    "refreshing urn:pulumi:dev::p::docker:index/container:Container::c: 1 error occurred:\n\t* error fetching container information from Docker: Cannot connect to the Docker daemon at unix:///run/docker.sock. Is the docker daemon running?\n",
    /No Docker engine answers at unix:\/\/\/run\/docker\.sock\.$/,
    "./propiq-cache dev",
  ],
  [
    "a socket that is not ours to open",
    "failed to create Docker client: Error pinging Docker server, please make sure that unix:///var/run/docker.sock is reachable and has a  '_ping' endpoint. Error: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get …: dial unix /var/run/docker.sock: connect: permission denied",
    /this user may not talk to it at unix:\/\/\/var\/run\/docker\.sock\.$/,
    'sudo usermod -aG docker "$USER"',
  ],
  [
    "a container of that name made by hand",
    'Unable to create container: Error response from daemon: Conflict. The container name "/propiq-redis" is already in use by container "5e1". You have to remove (or rename) that container to be able to reuse that name.',
    /container named propiq-redis already exists/,
    "docker rm -f propiq-redis",
  ],
  [
    "a registry out of reach",
    'Unable to read Docker image into resource: unable to pull image redis:7-alpine: error pulling image redis:7-alpine: Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    /redis:7-alpine could not be fetched: Docker could not reach the registry/,
    "docker pull redis:7-alpine",
  ],
  [
    "a pull that ends without an image",
    "Unable to read Docker image into resource: unable to find or pull image redis:7-alpine",
    /redis:7-alpine could not be fetched/,
    "docker pull redis:7-alpine",
  ],
  [
    "too many pulls",
    "unable to pull image redis:7-alpine: error pulling image redis:7-alpine: Error response from daemon: toomanyrequests: You have reached your unauthenticated pull rate limit.",
    /allows this address no more downloads/,
    "docker login",
  ],
  [
    "an image that the registry does not have",
    "unable to pull image redis:7-alpine: error pulling image redis:7-alpine: Error response from daemon: manifest for redis:7-alpine not found: manifest unknown: manifest unknown",
    /has no such image/,
    "docker pull redis:7-alpine",
  ],
  [
    "a full disk, also while pulling",
    "unable to pull image redis:7-alpine: write /var/lib/docker/tmp/GetImageBlob1: no space left on device",
    /no disk space left/,
    "docker system df",
  ],
];

describe("explainDockerFault", () => {
  it.each(SAID)("says what to do about %s", (_, text, message, command) => {
    const explained = explainDockerFault(text, wish);
    expect(explained?.happened).toMatch(message);
    expect(adviceText(explained?.next ?? { say: "" })).toContain(command);
  });

  it("says nothing where it knows nothing", () => {
    expect(explainDockerFault("Unable to create container: the moon is too bright", wish)).toBeUndefined();
  });

  it("repeats no password of the engine's address", () => {
    const text = "please make sure that tcp://me:hunter2@127.0.0.1:2375 is reachable";
    expect(JSON.stringify(explainDockerFault(text, wish))).not.toContain("hunter2");
  });
});
