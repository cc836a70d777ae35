/**
 * A Docker engine of a test's own: a real dockerd with its own data, socket and network bridge in a temporary folder,
 * so that it meets neither the engine of the machine nor that of another test. Needs root, as dockerd does.
 */
import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { callDocker } from "../../infra/caches/docker/api.ts";
import { installWithoutServices } from "./apt.ts";

const run = promisify(execFile);

export interface DockerEngine {
  /** As in DOCKER_HOST: `unix:///…`. */
  host: string;
  /** Ends the engine and all of its containers; leaves nothing behind. */
  stop(): Promise<void>;
}

/**
 * Installs what an engine needs, where this is CI; elsewhere does nothing. Called once, before all tests.
 *
 * @throws where CI cannot have an engine all the same
 */
export async function ensureDockerEngineInstalled(): Promise<void> {
  if (process.env["CI"] !== "true") return;
  if ((await lacking()) !== undefined) await installWithoutServices(PACKAGES);
  await whyNoDockerEngine();
}

/**
 * Why tests that need an engine must be left out here, or nothing where one can be started.
 *
 * @throws in CI, which may leave out none
 */
export async function whyNoDockerEngine(): Promise<string | undefined> {
  const reason = await lacking();
  if (reason !== undefined && process.env["CI"] === "true") {
    throw new Error(`no Docker engine can be started in CI: ${reason}`);
  }
  return reason;
}

/** Whether this machine lacks something that an engine of a test's own needs. */
export const dockerEnginePackagesMissing = async (): Promise<boolean> => (await lacking()) !== undefined;

/** Debian's names. */
const PACKAGES = ["docker.io", "iproute2", "redis-server"];

async function lacking(): Promise<string | undefined> {
  if (process.platform !== "linux") return "a Docker engine of a test's own needs Linux";
  if (process.getuid?.() !== 0) return "a Docker engine of a test's own needs root";
  for (const command of ["dockerd", "ip", "redis-server"]) {
    const there = await run("sh", ["-c", `command -v ${command}`]).catch(() => undefined);
    if (there === undefined) return `${command} is not installed (Debian: ${PACKAGES.join(", ")})`;
  }
  return undefined;
}

/** Starts an engine and waits until it answers. Call `whyNoDockerEngine` first. */
export async function startDockerEngine(): Promise<DockerEngine> {
  const folder = await mkdtemp(join(tmpdir(), "dockerd-"));
  const host = `unix://${folder}/docker.sock`;
  const bridge = await addBridge();
  const log = join(folder, "log");
  const daemon = spawn(
    "sh",
    [
      "-c",
      'log="$1"; shift; exec dockerd "$@" >"$log" 2>&1',
      "dockerd",
      log,
      "--storage-driver=vfs",
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/pid`,
      `--host=${host}`,
      // Its own bridge, and no change to the machine's packet filter: a published port is served on 127.0.0.1 by
      // docker-proxy, which is all that tests need.
      `--bridge=${bridge}`,
      "--iptables=false",
      "--ip6tables=false",
      "--ip-masq=false",
    ],
    { stdio: "ignore" },
  );
  const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
  const tidy = async (): Promise<void> => {
    await ended;
    await run("sh", ["-c", 'umount -l "$1"/exec/netns/* 2>/dev/null', "sh", folder]).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    await run("ip", ["link", "delete", bridge]).catch(() => undefined);
  };

  for (let answers = false; !answers; ) {
    if (daemon.exitCode !== null || daemon.signalCode !== null) {
      const said = await readFile(log, "utf8");
      await tidy();
      throw new Error(`dockerd ended at once:\n${said.slice(-2000)}`);
    }
    answers = await callDocker(host, { method: "GET", path: "/_ping", timeoutMs: 5_000 }).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (!answers) await delay(50);
  }
  return {
    host,
    async stop() {
      if (daemon.exitCode === null && daemon.signalCode === null) {
        await removeContainers(host);
        daemon.kill("SIGTERM");
      }
      await tidy();
    },
  };
}

/** A bridge of the engine's own: all engines would otherwise share docker0 and give out the same addresses. */
async function addBridge(): Promise<string> {
  for (let number = 0; number < 256; number++) {
    const name = `propiq${number}`;
    try {
      await run("ip", ["link", "add", name, "type", "bridge"]);
    } catch (error) {
      if (String(error).includes("File exists")) continue;
      throw error;
    }
    await run("ip", ["address", "add", `10.213.${number}.1/24`, "dev", name]);
    await run("ip", ["link", "set", name, "up"]);
    return name;
  }
  throw new Error("256 bridges of earlier tests are left over: ip link delete propiq0, …");
}

async function removeContainers(host: string): Promise<void> {
  const list = await callDocker(host, {
    method: "GET",
    path: "/containers/json?all=true",
    timeoutMs: 10_000,
  });
  for (const { Id } of JSON.parse(list.text) as { Id: string }[]) {
    await callDocker(host, {
      method: "DELETE",
      path: `/containers/${Id}?force=true&v=true`,
      timeoutMs: 30_000,
    });
  }
}

/**
 * What the official image's own entry point does for plain flags. The server in it is built with protected mode off,
 * Debian's is not (github.com/redis/docker-library-redis).
 */
const ENTRY_POINT = `#!/bin/sh
set -e
if [ "\${1#-}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ]; then set -- "$@" --protected-mode no; fi
exec "$@"
`;
/** As in the official redis:7-alpine: its entry point, command, port, volume and folder. */
const IMAGE_CONFIG = [
  'ENTRYPOINT ["docker-entrypoint.sh"]',
  'CMD ["redis-server"]',
  "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "EXPOSE 6379",
  "VOLUME /data",
  "WORKDIR /data",
];

/** Gives the engine an image `redis:7-alpine`, made of this machine's redis-server, redis-cli and shell. */
export async function importRedisImage(host: string): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "redis-image-"));
  try {
    await mkdir(join(root, "usr/local/bin"), { recursive: true });
    await mkdir(join(root, "tmp"));
    await writeFile(join(root, "usr/local/bin/docker-entrypoint.sh"), ENTRY_POINT);
    await chmod(join(root, "usr/local/bin/docker-entrypoint.sh"), 0o755);
    await run("sh", ["-ec", COPY_PROGRAMS, "sh", root]);
    await sendImage(host, root);
  } finally {
    await rm(root, { recursive: true });
  }
}

/** Copies the programs and every library that they load to the same places below the folder. */
const COPY_PROGRAMS = `
for program in $(command -v redis-server) $(command -v redis-cli) /bin/sh; do
  for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
    mkdir -p "$1$(dirname "$file")"
    cp -L "$file" "$1$file"
  done
done`;

async function sendImage(host: string, root: string): Promise<void> {
  const query = new URLSearchParams({ fromSrc: "-", repo: "redis", tag: "7-alpine" });
  for (const change of IMAGE_CONFIG) query.append("changes", change);
  const tar = spawn("tar", ["-C", root, "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
  const upload = request({
    socketPath: host.slice("unix://".length),
    method: "POST",
    path: `/images/create?${query}`,
    headers: { host: "docker", "content-type": "application/x-tar" },
  });
  const answered = new Promise<string>((resolve, reject) => {
    upload.on("error", reject);
    upload.on("response", async (response) => {
      const text = (await response.toArray()).join("");
      if (response.statusCode === 200 && !text.includes('"error"')) resolve(text);
      else reject(new Error(`the engine refused the image: ${text}`));
    });
  });
  await Promise.all([pipeline(tar.stdout, upload), answered]);
}
