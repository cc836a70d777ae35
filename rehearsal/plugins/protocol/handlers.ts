/** A provider's side of Pulumi's protocol (pulumi: proto/pulumi/provider.proto) for a stand-in. */
import { type handleUnaryCall, Metadata, type StatusObject, status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import rpc from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { decode, encode, type Values } from "../../../infra/provider/protocol/values.ts";
import { type Change, type Diff, InitFailed, propertyOf, Refused, type StandIn } from "./stand-in.ts";

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;
type Wire = (values: Values) => struct.Struct;

/** @param track called with each call, so that the process can end after the last */
export function handlersOf(
  standIn: StandIn<unknown>,
  track: (running: Promise<unknown>) => void,
): Partial<IResourceProviderServer> {
  const wire: Wire = (values) => encode(values, standIn.secrets);
  const unary =
    <Request, Response>(handler: Handler<Request, Response>): handleUnaryCall<Request, Response> =>
    (call, callback) => {
      const running = Promise.resolve(call.request).then(handler);
      track(running);
      running.then(
        (response) => callback(null, response),
        (error: Error) => callback(errorAnswer(error, wire)),
      );
    };
  const resourceOf = (request: { getUrn(): string }, call: string) => {
    // urn:pulumi:stack::project::parent$type::name
    const [, , types = "", name = ""] = request.getUrn().split("::");
    const kind = standIn.kindOf(types.split("$").at(-1) ?? "", call);
    return { urn: request.getUrn(), name, kind };
  };
  const { checkConfig, diffConfig, invoke } = standIn;

  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(standIn.version);
      return info;
    }),
    // The engine's address: a stand-in has nothing to say to it.
    attach: unary(() => new empty.Empty()),
    cancel: unary(() => {
      standIn.cancel?.();
      return new empty.Empty();
    }),
    ...(checkConfig && {
      checkConfig: unary((request: proto.CheckRequest) =>
        checkAnswer(request.getNews(), checkConfig(decode(request.getNews()).values)),
      ),
    }),
    ...(diffConfig && {
      diffConfig: unary((request: proto.DiffRequest) => {
        const found = diffConfig(decode(request.getOldInputs()).values, decode(request.getNews()).values);
        return found === undefined ? new proto.DiffResponse() : diffAnswer({ found, deletesFirst: false });
      }),
    }),
    configure: unary(async (request: proto.ConfigureRequest) => {
      const variables: Record<string, string> = {};
      request.getVariablesMap().forEach((value: string, key: string) => {
        variables[key.replace(/^.*:/, "")] = value;
      });
      await standIn.configure({
        args: decode(request.getArgs()).values,
        variables,
        sendsOldInputs: request.getSendsOldInputs() && request.getSendsOldInputsToDelete(),
      });
      const response = new proto.ConfigureResponse();
      // Previews call Create and Update, too, and secrets come in the clear: the engine keeps their marks.
      response.setSupportspreview(true);
      return response;
    }),
    ...(invoke && {
      invoke: unary(async (request: proto.InvokeRequest) => {
        const response = new proto.InvokeResponse();
        response.setReturn(wire(await invoke(request.getTok(), decode(request.getArgs()).values)));
        return response;
      }),
    }),
    check: unary((request: proto.CheckRequest) => {
      const resource = resourceOf(request, "Check");
      const { inputs, failures } = standIn.check(resource, decode(request.getNews()).values);
      return checkAnswer(wire(inputs), failures);
    }),
    diff: unary((request: proto.DiffRequest) =>
      diffAnswer(
        standIn.diff(resourceOf(request, "Diff"), {
          state: decode(request.getOlds()).values,
          oldInputs: decode(request.getOldInputs()).values,
          inputs: decode(request.getNews()).values,
          ignored: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: unary(async (request: proto.CreateRequest) => {
      const resource = resourceOf(request, "Create");
      const inputs = decode(request.getProperties()).values;
      const { id, state } = request.getPreview()
        ? { id: "", state: standIn.previewCreate(resource, inputs) }
        : await standIn.create(resource, inputs);
      const response = new proto.CreateResponse();
      response.setId(id);
      response.setProperties(wire(state));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const recorded = {
        id: request.getId(),
        state: decode(request.getProperties()).values,
        inputs: decode(request.getInputs()).values,
      };
      const found = await standIn.read(resourceOf(request, "Read"), recorded);
      const response = new proto.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(wire(found.state));
      response.setInputs(wire(found.inputs));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const resource = resourceOf(request, "Update");
      const inputs = decode(request.getNews()).values;
      const before = { id: request.getId(), state: decode(request.getOlds()).values };
      const state = request.getPreview()
        ? standIn.previewUpdate(resource, before, inputs)
        : await standIn.update(resource, before, inputs);
      const response = new proto.UpdateResponse();
      response.setProperties(wire(state));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      const found = { id: request.getId(), state: decode(request.getProperties()).values };
      await standIn.delete(resourceOf(request, "Delete"), found);
      return new empty.Empty();
    }),
  };
}

function checkAnswer(inputs: struct.Struct | undefined, failures: readonly string[]): proto.CheckResponse {
  const response = new proto.CheckResponse();
  response.setInputs(inputs);
  response.setFailuresList(
    failures.map((reason) => {
      const failure = new proto.CheckFailure();
      failure.setReason(reason);
      return failure;
    }),
  );
  return response;
}

const { Kind } = proto.PropertyDiff;
const KINDS: Readonly<Record<Change, Record<"changed" | "replaced", proto.PropertyDiff.Kind>>> = {
  add: { changed: Kind.ADD, replaced: Kind.ADD_REPLACE },
  delete: { changed: Kind.DELETE, replaced: Kind.DELETE_REPLACE },
  update: { changed: Kind.UPDATE, replaced: Kind.UPDATE_REPLACE },
};

function diffAnswer({ found, deletesFirst }: Diff): proto.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  // A property once for each of its paths, as the real ones list them.
  const properties = (some: Diff["found"]) => some.map(({ path }) => propertyOf(path));
  const replacing = found.filter(({ replaces }) => replaces);
  const response = new proto.DiffResponse();
  response.setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(properties(found));
  response.setReplacesList(properties(replacing));
  response.setDeletebeforereplace(deletesFirst && replacing.length > 0);
  response.setHasdetaileddiff(true);
  for (const { path, change, replaces } of found) {
    const detail = new proto.PropertyDiff();
    detail.setKind(KINDS[change][replaces ? "replaced" : "changed"]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

function errorAnswer(error: Error, wire: Wire): Partial<StatusObject> {
  const { message: details } = error;
  if (error instanceof InitFailed) {
    return { code: status.UNKNOWN, details, metadata: initFailedTrailer(error, wire) };
  }
  return { code: error instanceof Refused ? error.code : status.UNKNOWN, details };
}

/** What is there all the same, in the trailer where the engine looks for it. */
function initFailedTrailer({ message, left }: InitFailed, wire: Wire): Metadata {
  const made = new proto.ErrorResourceInitFailed();
  made.setId(left.id);
  made.setProperties(wire(left.state));
  if (left.inputs !== undefined) made.setInputs(wire(left.inputs));
  made.setReasonsList([message]);
  const packed = new any.Any();
  packed.pack(made.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new rpc.Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(message);
  answer.addDetails(packed);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  return metadata;
}
