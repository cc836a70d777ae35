/**
 * Pulumi's ResourceProvider protocol for a table of resource types. The SDK's own server (`provider.Provider`)
 * drops `detailedDiff`, hides progress and loads the whole SDK; this one is the protocol and nothing else.
 */
import { type handleUnaryCall, Server, ServerCredentials, type ServiceError, status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { advice } from "../../../base/advice.ts";
import { EXIT, PropiqError } from "../../../base/errors.ts";
import { type SafeText, safeLines } from "../../../base/safe-text.ts";
import { urnParts } from "../../plans/urn.ts";
import { damaged, failuresOf, refuseState } from "./damaged.ts";
import { connectEngine, type EngineLog } from "./engine.ts";
import { type Change, changes } from "./inputs.ts";
import type { AnyResourceType, Operation } from "./resource.ts";
import { START_TOKEN } from "./start-token.ts";
import { intervalFor, reportSteps } from "./steps.ts";
import { decode, encode, holdsUnknown, type Values } from "./values.ts";

export interface ProviderOptions {
  name: string;
  version: string;
  types: readonly AnyResourceType[];
  /** The words that a user reads for an error that a resource threw. */
  explain: (error: unknown) => SafeText;
}

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Serves the protocol on a free port of this machine until the process ends. @returns the port */
export async function serveProvider(
  options: ProviderOptions,
  engineAddress: string | undefined,
): Promise<number> {
  const server = new Server({
    // A report or a long settings map may exceed gRPC's own 4 MB.
    "grpc.max_receive_message_length": 64 * 1024 * 1024,
    "grpc.max_send_message_length": 64 * 1024 * 1024,
  });
  server.addService(service.ResourceProviderService, handlers(options, engineAddress));
  return await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

function handlers(options: ProviderOptions, engineAddress: string | undefined) {
  const cancelled = new AbortController();
  let isConfigured = false;
  let engine: EngineLog | undefined = engineAddress === undefined ? undefined : connectEngine(engineAddress);
  const types = new Map(options.types.map((type) => [type.type, type]));

  const typeOf = (urn: string): AnyResourceType => {
    const name = urnParts(urn).type;
    const type = types.get(name);
    if (type === undefined) throw damaged(urn, `${options.name} has no resource type ${name}`);
    return type;
  };
  const during = async <T>(urn: string, work: (operation: Operation) => Promise<T>): Promise<T> => {
    const steps = reportSteps((line) => engine?.progress(urn, safeLines(line)), intervalFor(process.env));
    try {
      return await work({
        urn,
        stack: urnParts(urn).stack,
        signal: cancelled.signal,
        progress: steps.progress,
        warn: (message) => engine?.warn(urn, safeLines(message)),
      });
    } finally {
      steps.end();
    }
  };
  const unary =
    <Request, Response>(handler: Handler<Request, Response>): handleUnaryCall<Request, Response> =>
    (call, callback) => {
      Promise.resolve()
        .then(() => handler(call.request))
        .then(
          (response) => callback(null, response),
          (error: unknown) => {
            const details: string = options.explain(error);
            callback({ code: status.UNKNOWN, details, message: details } as ServiceError, null);
          },
        );
    };
  const done = () => new empty.Empty();
  /** The engine configures first. Whoever does not found the port by chance, or looked for it. */
  const configured =
    <Request, Response>(handler: Handler<Request, Response>): Handler<Request, Response> =>
    (request) => {
      if (!isConfigured) throw new Error(`${options.name} was not configured: no engine is asking`);
      return handler(request);
    };

  interface Resource {
    getUrn(): string;
  }
  /** The resource of a state that passed. @throws PropiqError */
  const recorded = (request: Resource, properties: struct.Struct | undefined) => {
    const type = typeOf(request.getUrn());
    const state = decode(properties);
    refuseState(type, request.getUrn(), state.values);
    return { type, state };
  };
  /** Writes inputs that passed. @returns the new state @throws PropiqError */
  const written = async (
    request: Resource,
    properties: struct.Struct | undefined,
    write: (type: AnyResourceType, inputs: Values, operation: Operation) => Promise<Values>,
  ): Promise<struct.Struct> => {
    const type = typeOf(request.getUrn());
    const { values, secrets } = decode(properties);
    refuseInputs(type, values);
    const outputs = await during(request.getUrn(), (operation) => write(type, values, operation));
    return stateOf(type, { ...values, ...outputs }, secrets);
  };

  return {
    // No Handshake: an engine that gets an answer to it also calls Create and Update in previews.
    attach: unary((request: plugin.PluginAttach) => {
      // The messages of an update hold names of hosts and apps: they stay with the engine that started this process.
      if (engine !== undefined) throw new Error(`${options.name} belongs to another engine already`);
      engine = connectEngine(request.getAddress());
      return done();
    }),
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(options.version);
      return info;
    }),
    getSchema: unary(() => {
      const response = new proto.GetSchemaResponse();
      response.setSchema(JSON.stringify(schemaOf(options)));
      return response;
    }),
    checkConfig: unary((request: proto.CheckRequest) => {
      const response = new proto.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary(() => {
      const response = new proto.DiffResponse();
      response.setChanges(proto.DiffResponse.DiffChanges.DIFF_NONE);
      return response;
    }),
    configure: unary(() => {
      isConfigured = true;
      const response = new proto.ConfigureResponse();
      response.setAcceptsecrets(true);
      return response;
    }),
    invoke: unary(
      configured((request: proto.InvokeRequest) => {
        if (request.getTok() !== START_TOKEN)
          throw new Error(`${options.name} has no function ${request.getTok()}`);
        const response = new proto.InvokeResponse();
        response.setReturn(encode({}, new Set()));
        return response;
      }),
    ),
    check: unary(configured((request: proto.CheckRequest) => check(typeOf(request.getUrn()), request))),
    diff: unary(
      configured((request: proto.DiffRequest) =>
        during(request.getUrn(), (operation) => diff(typeOf(request.getUrn()), request, operation)),
      ),
    ),
    create: unary(
      configured(async (request: proto.CreateRequest) => {
        const response = new proto.CreateResponse();
        const outputs = await written(request, request.getProperties(), async (type, inputs, operation) => {
          const made = await type.create(inputs, operation);
          response.setId(made.id);
          return made.outputs;
        });
        response.setProperties(outputs);
        return response;
      }),
    ),
    read: unary(
      configured(async (request: proto.ReadRequest) => {
        const { type, state } = recorded(request, request.getProperties());
        const inputs = decode(request.getInputs());
        const found = await during(request.getUrn(), (operation) =>
          type.read(request.getId(), state.values, operation),
        );
        const response = new proto.ReadResponse();
        if (found === undefined) return response;
        response.setId(request.getId());
        // A plain value read back would lose its secrecy: what was secret in the state stays so.
        const secrets = new Set([...state.secrets, ...inputs.secrets]);
        response.setProperties(stateOf(type, found, secrets));
        response.setInputs(stateOf(type, only(found, Object.keys(type.inputs)), secrets));
        return response;
      }),
    ),
    update: unary(
      configured(async (request: proto.UpdateRequest) => {
        const { state } = recorded(request, request.getOlds());
        const response = new proto.UpdateResponse();
        response.setProperties(
          await written(request, request.getNews(), (type, inputs, operation) =>
            type.update(request.getId(), state.values, inputs, operation),
          ),
        );
        return response;
      }),
    ),
    delete: unary(
      configured(async (request: proto.DeleteRequest) => {
        const { type, state } = recorded(request, request.getProperties());
        await during(request.getUrn(), (operation) => type.delete(request.getId(), state.values, operation));
        return done();
      }),
    ),
    cancel: unary(() => {
      cancelled.abort(
        new PropiqError("The update was cancelled during this step.", {
          code: "CANCELLED",
          next: advice("Run the same command again. It continues the update."),
          exitCode: EXIT.interrupted,
        }),
      );
      return done();
    }),
  };
}

/** Inputs that an engine has not had checked. @throws PropiqError */
function refuseInputs(type: AnyResourceType, values: Values): void {
  const [failure] = failuresOf(type, values);
  if (failure === undefined) return;
  throw new PropiqError(`${type.type}: ${failure.property} ${failure.reason}.`, {
    code: "CONFIG_INVALID",
    next: advice("Correct the config of the stack."),
  });
}

function check(type: AnyResourceType, request: proto.CheckRequest): proto.CheckResponse {
  const { values, secrets } = decode(request.getNews());
  const failures = failuresOf(type, values);
  const response = new proto.CheckResponse();
  response.setInputs(stateOf(type, values, secrets));
  response.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new proto.CheckFailure();
      failure.setProperty(property);
      failure.setReason(safeLines(reason));
      return failure;
    }),
  );
  return response;
}

const { Kind } = proto.PropertyDiff;
const KINDS: Readonly<Record<Change, { changed: number; replaced: number }>> = {
  add: { changed: Kind.ADD, replaced: Kind.ADD_REPLACE },
  delete: { changed: Kind.DELETE, replaced: Kind.DELETE_REPLACE },
  update: { changed: Kind.UPDATE, replaced: Kind.UPDATE_REPLACE },
};

async function diff(
  type: AnyResourceType,
  request: proto.DiffRequest,
  operation: Operation,
): Promise<proto.DiffResponse> {
  const before = decode(request.getOldInputs()).values;
  const after = decode(request.getNews()).values;
  const ignored = new Set(request.getIgnorechangesList());
  const response = new proto.DiffResponse();
  const replaces = new Set<string>();
  const found = changes(before, after);
  for (const [path, change] of found) {
    const property = path.split(".")[0] ?? path;
    if (ignored.has(path) || ignored.has(property) || type.ofThisRun.includes(property)) {
      found.delete(path);
      continue;
    }
    const replaced = type.replaceOn.includes(property);
    if (replaced) replaces.add(property);
    const detail = new proto.PropertyDiff();
    detail.setKind(KINDS[change][replaced ? "replaced" : "changed"] as proto.PropertyDiff.Kind);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  if (found.size === 0 && !holdsUnknown(after)) {
    const state = decode(request.getOlds()).values;
    refuseState(type, request.getUrn(), state);
    for (const path of await type.edits(state, after, operation)) {
      found.set(path, "update");
      const detail = new proto.PropertyDiff();
      detail.setKind(Kind.UPDATE);
      response.getDetaileddiffMap().set(path, detail);
    }
  }
  response.setChanges(
    found.size > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE,
  );
  response.setReplacesList([...replaces]);
  response.setHasdetaileddiff(true);
  return response;
}

function stateOf(type: AnyResourceType, values: Values, secrets: ReadonlySet<string>): struct.Struct {
  return encode(values, new Set([...type.secrets, ...secrets]));
}

function only<V>(values: Readonly<Record<string, V>>, keys: readonly string[]): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
}

/** Pulumi's package schema, so far as it helps `pulumi package get-schema` to show what there is. */
function schemaOf({ name, version, types }: ProviderOptions): object {
  const property = (kind: string) =>
    kind.startsWith("object")
      ? { type: "object", additionalProperties: { $ref: "pulumi.json#/Any" } }
      : { type: kind.replace("?", "") };
  const resources = types.map((type) => [
    type.type,
    {
      inputProperties: Object.fromEntries(
        Object.entries(type.inputs).map(([key, kind]) => [
          key,
          { ...property(kind), secret: type.secrets.includes(key) },
        ]),
      ),
      requiredInputs: Object.keys(type.inputs).filter((key) => !type.inputs[key]?.endsWith("?")),
    },
  ]);
  return { name, version, resources: Object.fromEntries(resources) };
}
