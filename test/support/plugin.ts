/** A provider's plugin as a process, asked as Pulumi's engine asks. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import rpc from "@pulumi/pulumi/proto/status_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { decode, encode, type Properties, type Values } from "../../infra/provider/protocol/values.ts";

/** Plain values, or such with a word on which are secret, as answers hold them. */
export type Given = Values | Properties;

export interface Found {
  id: string;
  state: Properties;
}

export interface Difference {
  changes: boolean;
  changed: string[];
  replaces: string[];
  deleteBeforeReplace: boolean;
  /** Kind by path, as in `{ "settings.REDIS_URL": "UPDATE" }`. */
  detailed: Record<string, string>;
}

/** All of it rejects with `Failed`. */
export interface Plugin {
  readonly process: ChildProcess;
  configure(config: Given): Promise<void>;
  /** Calls a function without arguments. */
  invoke(token: string): Promise<Properties>;
  check(
    type: string,
    inputs: Given,
  ): Promise<{ inputs: Properties; failures: { property: string; reason: string }[] }>;
  /** @param before inputs of last time, and state too: which of them it compares with is the provider's affair */
  diff(type: string, before: Given, after: Given): Promise<Difference>;
  create(type: string, inputs: Given, preview?: "preview"): Promise<Found>;
  /** An empty id means that it no longer exists. */
  read(type: string, id: string, state?: Given, inputs?: Given): Promise<Found & { inputs: Properties }>;
  update(type: string, id: string, state: Given, inputs: Given): Promise<Properties>;
  delete(type: string, id: string, state?: Given): Promise<void>;
  cancel(): Promise<void>;
  /** @param address of an engine, as host:port */
  attach(address: string): Promise<void>;
  /** Ends as if the engine were killed. */
  stop(): Promise<void>;
}

/** What the plugin said, with what the engine would record of the operation all the same. */
export class Failed extends Error {
  readonly recorded: Found | undefined;

  constructor({ details, metadata }: ServiceError) {
    super(details);
    const [packed] = metadata.get("grpc-status-details-bin");
    this.recorded = packed === undefined ? undefined : recordedIn(Buffer.from(packed));
  }
}

/** @param command the plugin's executable and its words, the last of them the engine's address */
export async function startPlugin(
  [executable, ...words]: readonly [string, ...string[]],
  env: NodeJS.ProcessEnv,
): Promise<Plugin> {
  const child = spawn(executable, words, { stdio: ["pipe", "pipe", "inherit"], env });
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
        error ? reject(new Failed(error)) : resolve(response),
      );
    });

  return {
    process: child,
    async configure(config) {
      const request = new proto.ConfigureRequest();
      request.setArgs(wire(config));
      request.setSendsOldInputs(true);
      request.setSendsOldInputsToDelete(true);
      await call<proto.ConfigureRequest, proto.ConfigureResponse>(client.configure, request);
    },
    async invoke(token) {
      const request = new proto.InvokeRequest();
      request.setTok(token);
      const response = await call<proto.InvokeRequest, proto.InvokeResponse>(client.invoke, request);
      return decode(response.getReturn());
    },
    async check(type, inputs) {
      const request = new proto.CheckRequest();
      request.setUrn(urnOf(type));
      request.setNews(wire(inputs));
      const response = await call<proto.CheckRequest, proto.CheckResponse>(client.check, request);
      const failures = response
        .getFailuresList()
        .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
      return { inputs: decode(response.getInputs()), failures };
    },
    async diff(type, before, after) {
      const request = new proto.DiffRequest();
      request.setUrn(urnOf(type));
      request.setOldInputs(wire(before));
      request.setOlds(wire(before));
      request.setNews(wire(after));
      const response = await call<proto.DiffRequest, proto.DiffResponse>(client.diff, request);
      const kinds = Object.entries(proto.PropertyDiff.Kind);
      const detailed: Record<string, string> = {};
      response.getDetaileddiffMap().forEach((detail: proto.PropertyDiff, path: string) => {
        detailed[path] = kinds.find(([, value]) => value === detail.getKind())?.[0] ?? "?";
      });
      return {
        changes: response.getChanges() === proto.DiffResponse.DiffChanges.DIFF_SOME,
        changed: response.getDiffsList(),
        replaces: response.getReplacesList(),
        deleteBeforeReplace: response.getDeletebeforereplace(),
        detailed,
      };
    },
    async create(type, inputs, preview) {
      const request = new proto.CreateRequest();
      request.setUrn(urnOf(type));
      request.setProperties(wire(inputs));
      request.setPreview(preview !== undefined);
      return foundIn(await call<proto.CreateRequest, proto.CreateResponse>(client.create, request));
    },
    async read(type, id, state = {}, inputs = {}) {
      const request = new proto.ReadRequest();
      request.setUrn(urnOf(type));
      request.setId(id);
      request.setProperties(wire(state));
      request.setInputs(wire(inputs));
      const response = await call<proto.ReadRequest, proto.ReadResponse>(client.read, request);
      return { ...foundIn(response), inputs: decode(response.getInputs()) };
    },
    async update(type, id, state, inputs) {
      const request = new proto.UpdateRequest();
      request.setUrn(urnOf(type));
      request.setId(id);
      request.setOlds(wire(state));
      request.setNews(wire(inputs));
      const response = await call<proto.UpdateRequest, proto.UpdateResponse>(client.update, request);
      return decode(response.getProperties());
    },
    async delete(type, id, state = {}) {
      const request = new proto.DeleteRequest();
      request.setUrn(urnOf(type));
      request.setId(id);
      request.setProperties(wire(state));
      await call<proto.DeleteRequest, empty.Empty>(client.delete, request);
    },
    async cancel() {
      await call<empty.Empty, empty.Empty>(client.cancel, new empty.Empty());
    },
    async attach(address) {
      const request = new pluginProto.PluginAttach();
      request.setAddress(address);
      await call<pluginProto.PluginAttach, empty.Empty>(client.attach, request);
    },
    async stop() {
      client.close();
      child.stdin.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    },
  };
}

/** Inputs as the provider completes them. @throws Error where it refuses them */
export async function accepted(plugin: Plugin, type: string, given: Given): Promise<Properties> {
  const { inputs, failures } = await plugin.check(type, given);
  if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join("\n"));
  return inputs;
}

const urnOf = (type: string): string => `urn:pulumi:test::propiq-cache::${type}::name`;

function wire(given: Given) {
  return isMarked(given) ? encode(given.values, given.secrets) : encode(given, new Set());
}

/** No value of a property is a set. */
function isMarked(given: Given): given is Properties {
  return given["secrets"] instanceof Set;
}

function foundIn(message: proto.CreateResponse | proto.ReadResponse | proto.ErrorResourceInitFailed): Found {
  return { id: message.getId(), state: decode(message.getProperties()) };
}

function recordedIn(packed: Uint8Array): Found {
  const [detail] = rpc.Status.deserializeBinary(packed).getDetailsList();
  return foundIn(
    proto.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array()),
  );
}
