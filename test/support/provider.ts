/** Drives the provider `propiq` as Pulumi's engine does: the real executable, over gRPC, with an engine that listens. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { PROJECT_ROOT } from "../../infra/paths.ts";
import { decode, encode, type Properties, type Values } from "../../infra/provider/protocol/values.ts";

export interface Difference {
  changes: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** Kind by path, as in `{ "settings.REDIS_URL": "UPDATE" }`. */
  detailed: Record<string, string>;
}

export interface ProviderUnderTest {
  process: ChildProcess;
  /** What it told the engine to show, newest last. */
  logged: { severity: "info" | "warning"; message: string; urn: string }[];
  check(
    type: string,
    inputs: Values,
    secrets?: string[],
  ): Promise<{ failures: Record<string, string>; inputs: Properties }>;
  diff(type: string, before: Values, after: Values): Promise<Difference>;
  create(type: string, inputs: Values, secrets?: string[]): Promise<{ id: string; state: Properties }>;
  read(
    type: string,
    id: string,
    state: Properties,
  ): Promise<{ id: string; state: Properties; inputs: Properties }>;
  update(
    type: string,
    id: string,
    state: Properties,
    inputs: Values,
    secrets?: string[],
  ): Promise<Properties>;
  delete(type: string, id: string, state: Properties): Promise<void>;
  cancel(): Promise<void>;
  stop(): Promise<void>;
}

export const urnOf = (type: string, stack = "test"): string =>
  `urn:pulumi:${stack}::propiq-cache::${type}::name`;

export async function startProvider(env: NodeJS.ProcessEnv = process.env): Promise<ProviderUnderTest> {
  const logged: ProviderUnderTest["logged"] = [];
  const host = new Server();
  host.addService(engineService.EngineService, {
    log: (call: { request: engine.LogRequest }, callback: (error: null, reply: empty.Empty) => void) => {
      const { request } = call;
      const severity = request.getSeverity() === engine.LogSeverity.WARNING ? "warning" : "info";
      logged.push({ severity, message: request.getMessage(), urn: request.getUrn() });
      callback(null, new empty.Empty());
    },
  });
  const enginePort = await new Promise<number>((resolve, reject) => {
    host.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
  const executable = join(PROJECT_ROOT, "infra", "provider", "pulumi-resource-propiq");
  const child = spawn(executable, [`127.0.0.1:${enginePort}`], { stdio: ["pipe", "pipe", "inherit"], env });
  const [port] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`the provider ended with ${code} before it served`)),
    ),
  ])) as [string];
  const client = new service.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());

  const call = <Request, Response>(
    method: (request: Request, callback: (error: ServiceError | null, response: Response) => void) => unknown,
    request: Request,
  ): Promise<Response> =>
    new Promise((resolve, reject) => {
      method.call(client, request, (error, response) =>
        error ? reject(new Error(error.details)) : resolve(response),
      );
    });
  const wire = ({ values, secrets }: Properties) => encode(values, secrets);
  const inputsOf = (values: Values, secrets: string[] = []) => encode(values, new Set(secrets));

  return {
    process: child,
    logged,
    async check(type, inputs, secrets) {
      const request = new proto.CheckRequest();
      request.setUrn(urnOf(type));
      request.setNews(inputsOf(inputs, secrets));
      const response = await call<proto.CheckRequest, proto.CheckResponse>(client.check, request);
      const failures = response
        .getFailuresList()
        .map((failure) => [failure.getProperty(), failure.getReason()]);
      return { failures: Object.fromEntries(failures), inputs: decode(response.getInputs()) };
    },
    async diff(type, before, after) {
      const request = new proto.DiffRequest();
      request.setUrn(urnOf(type));
      request.setOldInputs(inputsOf(before));
      request.setOlds(inputsOf(before));
      request.setNews(inputsOf(after));
      const response = await call<proto.DiffRequest, proto.DiffResponse>(client.diff, request);
      const kinds = Object.entries(proto.PropertyDiff.Kind);
      const detailed: Record<string, string> = {};
      response.getDetaileddiffMap().forEach((detail: proto.PropertyDiff, path: string) => {
        detailed[path] = kinds.find(([, value]) => value === detail.getKind())?.[0] ?? "?";
      });
      return {
        changes: response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
        detailed,
      };
    },
    async create(type, inputs, secrets) {
      const request = new proto.CreateRequest();
      request.setUrn(urnOf(type));
      request.setProperties(inputsOf(inputs, secrets));
      const response = await call<proto.CreateRequest, proto.CreateResponse>(client.create, request);
      return { id: response.getId(), state: decode(response.getProperties()) };
    },
    async read(type, id, state) {
      const request = new proto.ReadRequest();
      request.setUrn(urnOf(type));
      request.setId(id);
      request.setProperties(wire(state));
      request.setInputs(wire(state));
      const response = await call<proto.ReadRequest, proto.ReadResponse>(client.read, request);
      return {
        id: response.getId(),
        state: decode(response.getProperties()),
        inputs: decode(response.getInputs()),
      };
    },
    async update(type, id, state, inputs, secrets) {
      const request = new proto.UpdateRequest();
      request.setUrn(urnOf(type));
      request.setId(id);
      request.setOlds(wire(state));
      request.setNews(inputsOf(inputs, secrets));
      const response = await call<proto.UpdateRequest, proto.UpdateResponse>(client.update, request);
      return decode(response.getProperties());
    },
    async delete(type, id, state) {
      const request = new proto.DeleteRequest();
      request.setUrn(urnOf(type));
      request.setId(id);
      request.setProperties(wire(state));
      await call<proto.DeleteRequest, empty.Empty>(client.delete, request);
    },
    async cancel() {
      await call<empty.Empty, empty.Empty>(client.cancel, new empty.Empty());
    },
    async stop() {
      client.close();
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      host.forceShutdown();
    },
  };
}
