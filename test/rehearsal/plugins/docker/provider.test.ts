import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inspectContainer } from "../../../../infra/caches/docker/engine.ts";
import type { Properties, Values } from "../../../../infra/provider/protocol/values.ts";
import {
  type DockerEngine,
  importRedisImage,
  startDockerEngine,
  whyNoDockerEngine,
} from "../../../support/docker-engine.ts";
import { accepted, Failed, type Plugin } from "../../../support/plugin.ts";
import { startStandIn } from "../../../support/start-stand-in.ts";

const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";

const start = (host: string): Promise<Plugin> =>
  startStandIn("docker", { DOCKER_HOST: host, DOCKER_CONTEXT: "" });

const listen = async (port = 0): Promise<{ server: Server; port: number }> => {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return { server, port: typeof address === "object" && address !== null ? address.port : 0 };
};

const reason = await whyNoDockerEngine();

describe.skipIf(reason !== undefined)(`the stand-in with a real engine ${reason ?? ""}`, () => {
  let engine: DockerEngine;
  let plugin: Plugin;
  let port: number;
  let inputs: Properties;

  beforeAll(async () => {
    engine = await startDockerEngine();
    await importRedisImage(engine.host);
    plugin = await start(engine.host);
  });
  afterAll(async () => {
    await plugin?.stop();
    await engine?.stop();
  });
  beforeEach(async () => {
    const free = await listen();
    free.server.close();
    port = free.port;
    const image = await plugin.create(
      IMAGE,
      await check(IMAGE, { name: "redis:7-alpine", keepLocally: true }),
    );
    inputs = await check(CONTAINER, {
      name: "propiq-redis",
      image: image.state.values["imageId"] ?? null,
      command: ["redis-server", "--save", "--appendonly", "no"],
      ports: [{ internal: 6379, external: port, ip: "127.0.0.1" }],
      labels: [{ label: "a", value: "b" }],
      ...{ memory: 100, memorySwap: 100, restart: "unless-stopped" },
      healthcheck: { tests: ["CMD", "redis-cli", "ping"], interval: "10s", timeout: "3s", retries: 3 },
    });
    return async () => {
      const left = await inspectContainer(engine.host, "propiq-redis");
      if (left !== undefined) await plugin.delete(CONTAINER, left.id);
    };
  });
  const check = (type: string, given: Values) => accepted(plugin, type, given);
  const docker = (...words: string[]) => promisify(execFile)("docker", ["--host", engine.host, ...words]);

  it("makes a container that answers, differs in nothing, and does not exist after its deletion", async () => {
    const { id, state } = await plugin.create(CONTAINER, inputs);
    const found = await inspectContainer(engine.host, "propiq-redis");
    expect(found).toEqual({ id, running: true, labels: { a: "b" }, ports: [port] });
    const ping = async () => (await promisify(execFile)("redis-cli", ["-p", String(port), "ping"])).stdout;
    await expect.poll(ping).toBe("PONG\n");
    const read = await plugin.read(CONTAINER, id, state, inputs);
    expect((await plugin.diff(CONTAINER, read.state, inputs)).replaces).toEqual([]);
    await plugin.delete(CONTAINER, id, state);
    expect(await inspectContainer(engine.host, id)).toBeUndefined();
    expect((await plugin.read(CONTAINER, id, state, inputs)).id).toBe("");
  });

  it("finds a killed container stopped, and replaces it", async () => {
    const { id, state } = await plugin.create(CONTAINER, inputs);
    await docker("kill", id);
    const read = await plugin.read(CONTAINER, id, state, inputs);
    expect(read.state.values).toMatchObject({ mustRun: false, ports: [], exitCode: 137 });
    expect((await plugin.diff(CONTAINER, read.state, inputs)).replaces).toEqual(["ports"]);
  });

  it("leaves a container behind that cannot start, and reports its id to the engine", async () => {
    const { server } = await listen(port);
    const error = await plugin.create(CONTAINER, inputs).catch((caught: unknown) => caught);
    server.close();
    expect(error).toBeInstanceOf(Failed);
    const { message, recorded } = error as Failed;
    expect(message).toMatch(
      /^creating urn:.*Unable to start container: Error response from daemon: .*in use/s,
    );
    const left = await inspectContainer(engine.host, "propiq-redis");
    expect(recorded?.id).toBe(left?.id);
    expect(recorded?.state.values).toMatchObject({ id: left?.id, name: "propiq-redis" });
  });

  it("does not touch a container of that name made by hand", async () => {
    await docker("create", "--name", "propiq-redis", "redis:7-alpine");
    await expect(plugin.create(CONTAINER, inputs)).rejects.toThrow(
      /Unable to create container: .*is already in use/,
    );
    expect(await inspectContainer(engine.host, "propiq-redis")).toMatchObject({ labels: {} });
  });

  it("refuses an empty word in the command, as the provider does", async () => {
    const words = { ...inputs.values, command: ["redis-server", "--save", ""] };
    await expect(plugin.create(CONTAINER, words)).rejects.toThrow("values for command may not be empty");
  });

  it("says which image it could not fetch", async () => {
    const image = await check(IMAGE, { name: "127.0.0.1:1/none:1" });
    await expect(plugin.create(IMAGE, image)).rejects.toThrow(
      /Unable to read Docker image into resource: unable to pull image 127\.0\.0\.1:1\/none:1: error pulling image/,
    );
  });

  it("refuses a kind of resource that it does not know", async () => {
    await expect(check("docker:index/volume:Volume", {})).rejects.toThrow(
      "unrecognized resource type (Check): docker:index/volume:Volume",
    );
  });
});

it("says that no engine answers before it does anything", async () => {
  await expect(start("unix:///nonexistent/docker.sock")).rejects.toThrow(
    "Configure: failed to connect to any docker daemon",
  );
});
