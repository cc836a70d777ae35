import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inspectContainer } from "../../../../infra/caches/docker/engine.ts";
import { decode, encode, type Values } from "../../../../infra/provider/protocol/values.ts";
import {
  type DockerEngine,
  importRedisImage,
  startDockerEngine,
  whyNoDockerEngine,
} from "../../docker-engine.ts";

const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const urnOf = (type: string): string => `urn:pulumi:dev::p::${type}::c`;
const wire = (values: Values) => encode(values, new Set());

/** The stand-in's process, asked as Pulumi's engine asks. */
class Plugin {
  readonly child: ChildProcess;
  #client: InstanceType<typeof service.ResourceProviderClient> | undefined;

  constructor(host: string) {
    const executable = join(import.meta.dirname, "pulumi-resource-docker");
    const env = { ...process.env, DOCKER_HOST: host, DOCKER_CONTEXT: "" };
    this.child = spawn(executable, ["127.0.0.1:1"], { env, stdio: ["pipe", "pipe", "inherit"] });
  }

  async configure(config: Values = {}): Promise<void> {
    if (this.child.stdout === null) throw new Error("no standard output");
    const [port] = (await once(createInterface({ input: this.child.stdout }), "line")) as [string];
    this.#client = new service.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    const request = new proto.ConfigureRequest();
    request.setArgs(wire(config));
    await this.#call("configure", request);
  }

  #call<Response>(method: string, request: object): Promise<Response> {
    return new Promise((resolve, reject) => {
      const answer = (error: ServiceError | null, response: Response) =>
        error ? reject(error) : resolve(response);
      Reflect.get(Object(this.#client), method).call(this.#client, request, answer);
    });
  }

  async check(type: string, inputs: Values): Promise<Values> {
    const request = new proto.CheckRequest();
    request.setUrn(urnOf(type));
    request.setNews(wire(inputs));
    const response = await this.#call<proto.CheckResponse>("check", request);
    const reasons = response.getFailuresList().map((failure) => failure.getReason());
    if (reasons.length > 0) throw new Error(reasons.join("\n"));
    return decode(response.getInputs()).values;
  }

  async create(type: string, inputs: Values): Promise<{ id: string; state: Values }> {
    const request = new proto.CreateRequest();
    request.setUrn(urnOf(type));
    request.setProperties(wire(inputs));
    const response = await this.#call<proto.CreateResponse>("create", request);
    return { id: response.getId(), state: decode(response.getProperties()).values };
  }

  async read(
    type: string,
    id: string,
    state: Values,
    inputs: Values,
  ): Promise<{ id: string; state: Values }> {
    const request = new proto.ReadRequest();
    request.setUrn(urnOf(type));
    request.setId(id);
    request.setProperties(wire(state));
    request.setInputs(wire(inputs));
    const response = await this.#call<proto.ReadResponse>("read", request);
    return { id: response.getId(), state: decode(response.getProperties()).values };
  }

  async replaces(type: string, id: string, state: Values, inputs: Values): Promise<string[]> {
    const request = new proto.DiffRequest();
    request.setUrn(urnOf(type));
    request.setId(id);
    request.setOlds(wire(state));
    request.setNews(wire(inputs));
    return (await this.#call<proto.DiffResponse>("diff", request)).getReplacesList();
  }

  async delete(type: string, id: string, state: Values): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(urnOf(type));
    request.setId(id);
    request.setProperties(wire(state));
    await this.#call("delete", request);
  }

  /** Ends as when the engine goes away. */
  async end(): Promise<void> {
    this.#client?.close();
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}

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
  let inputs: Values;

  beforeAll(async () => {
    engine = await startDockerEngine();
    await importRedisImage(engine.host);
    plugin = new Plugin(engine.host);
    await plugin.configure();
  });
  afterAll(async () => {
    await plugin?.end();
    await engine?.stop();
  });
  beforeEach(async () => {
    const free = await listen();
    free.server.close();
    port = free.port;
    const image = await plugin.create(
      IMAGE,
      await plugin.check(IMAGE, { name: "redis:7-alpine", keepLocally: true }),
    );
    inputs = await plugin.check(CONTAINER, {
      name: "propiq-redis",
      image: image.state["imageId"] ?? null,
      command: ["redis-server", "--save", "--appendonly", "no"],
      ports: [{ internal: 6379, external: port, ip: "127.0.0.1" }],
      labels: [{ label: "a", value: "b" }],
      ...{ memory: 100, memorySwap: 100, restart: "unless-stopped" },
      healthcheck: { tests: ["CMD", "redis-cli", "ping"], interval: "10s", timeout: "3s", retries: 3 },
    });
    return async () => {
      const left = await inspectContainer(engine.host, "propiq-redis");
      if (left !== undefined) await plugin.delete(CONTAINER, left.id, {});
    };
  });
  const docker = (...words: string[]) => promisify(execFile)("docker", ["--host", engine.host, ...words]);

  it("makes a container that answers, differs in nothing, and is gone when deleted", async () => {
    const { id, state } = await plugin.create(CONTAINER, inputs);
    const found = await inspectContainer(engine.host, "propiq-redis");
    expect(found).toEqual({ id, running: true, labels: { a: "b" }, ports: [port] });
    expect((await promisify(execFile)("redis-cli", ["-p", String(port), "ping"])).stdout).toBe("PONG\n");
    const read = await plugin.read(CONTAINER, id, state, inputs);
    expect(await plugin.replaces(CONTAINER, id, read.state, inputs)).toEqual([]);
    await plugin.delete(CONTAINER, id, state);
    expect(await inspectContainer(engine.host, id)).toBeUndefined();
    expect((await plugin.read(CONTAINER, id, state, inputs)).id).toBe("");
  });

  it("finds a killed container stopped, and replaces it", async () => {
    const { id, state } = await plugin.create(CONTAINER, inputs);
    await docker("kill", id);
    const read = await plugin.read(CONTAINER, id, state, inputs);
    expect(read.state).toMatchObject({ mustRun: false, ports: [], exitCode: 137 });
    expect(await plugin.replaces(CONTAINER, id, read.state, inputs)).toEqual(["ports"]);
  });

  it("leaves a container behind that cannot start, and tells the engine its id", async () => {
    const { server } = await listen(port);
    const error = (await plugin.create(CONTAINER, inputs).catch((caught: unknown) => caught)) as ServiceError;
    server.close();
    expect(error.details).toMatch(
      /^creating urn:.*Unable to start container: Error response from daemon: .*in use/s,
    );
    const left = await inspectContainer(engine.host, "propiq-redis");
    const [trailer] = error.metadata.get("grpc-status-details-bin");
    expect(String(trailer)).toContain("ErrorResourceInitFailed");
    expect(String(trailer)).toContain(left?.id);
  });

  it("does not touch a container of that name made by hand", async () => {
    await docker("create", "--name", "propiq-redis", "redis:7-alpine");
    await expect(plugin.create(CONTAINER, inputs)).rejects.toThrow(
      /Unable to create container: .*is already in use/,
    );
    expect(await inspectContainer(engine.host, "propiq-redis")).toMatchObject({ labels: {} });
  });

  it("refuses an empty word in the command, as the provider does", async () => {
    const words = { ...inputs, command: ["redis-server", "--save", ""] };
    await expect(plugin.create(CONTAINER, words)).rejects.toThrow("values for command may not be empty");
  });

  it("says which image it could not fetch", async () => {
    const image = await plugin.check(IMAGE, { name: "127.0.0.1:1/none:1" });
    await expect(plugin.create(IMAGE, image)).rejects.toThrow(
      /Unable to read Docker image into resource: unable to pull image 127\.0\.0\.1:1\/none:1: error pulling image/,
    );
  });

  it("refuses a kind of resource that it does not know", async () => {
    await expect(plugin.check("docker:index/volume:Volume", {})).rejects.toThrow(
      "unrecognized resource type (Check): docker:index/volume:Volume",
    );
  });
});

it("says that no engine answers before it does anything", async () => {
  const plugin = new Plugin("unix:///nonexistent/docker.sock");
  await expect(plugin.configure()).rejects.toThrow("Configure: failed to connect to any docker daemon");
  await plugin.end();
});
