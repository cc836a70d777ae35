/** The Docker provider's side of Pulumi's protocol (pulumi: proto/pulumi/provider.proto). */
import { type handleUnaryCall, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import rpc from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import {
  decode,
  encode,
  UNKNOWN,
  type Value,
  type Values,
} from "../../../../infra/provider/protocol/values.ts";
import { checkInputs } from "./check.ts";
import { checkConfig, chosenEngine } from "./config.ts";
import { container } from "./container.ts";
import { type Change, differences } from "./diff.ts";
import type { Engine } from "./engine-api.ts";
import { remoteImage } from "./image.ts";
import { HalfMade, type Kind } from "./kind.ts";
import { SDK_VERSION } from "./sdk-types.ts";

const KINDS: readonly Kind[] = [container, remoteImage];
const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
const { Kind: Detail } = proto.PropertyDiff;
const DETAILS: Readonly<
  Record<Change, { changed: proto.PropertyDiff.Kind; replaced: proto.PropertyDiff.Kind }>
> = {
  add: { changed: Detail.ADD, replaced: Detail.ADD_REPLACE },
  delete: { changed: Detail.DELETE, replaced: Detail.DELETE_REPLACE },
  update: { changed: Detail.UPDATE, replaced: Detail.UPDATE_REPLACE },
};

/** @param track told of each call, so that the process can end after the last */
export function dockerProvider(track: (running: Promise<unknown>) => void): Partial<IResourceProviderServer> {
  let configured: Engine | undefined;
  const engine = (): Engine => {
    if (configured === undefined) throw new Error("the engine did not configure the provider first");
    return configured;
  };
  const unary =
    <Request, Response>(
      handler: (request: Request) => Response | Promise<Response>,
    ): handleUnaryCall<Request, Response> =>
    (call, callback) => {
      const running = Promise.resolve(call.request).then(handler);
      track(running);
      running.then(
        (response) => callback(null, response),
        (error: ServiceError) => {
          const details = error.details ?? error.message;
          callback(
            { code: status.UNKNOWN, details, message: details, metadata: error.metadata } as ServiceError,
            null,
          );
        },
      );
    };

  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(`v${SDK_VERSION}`);
      return info;
    }),
    // The engine's address: the provider has nothing to say to it.
    attach: unary(() => new empty.Empty()),
    cancel: unary(() => new empty.Empty()),
    checkConfig: unary((request: proto.CheckRequest) => {
      const failures = checkConfig(decode(request.getNews()).values);
      return checkResponse(request.getNews(), failures);
    }),
    diffConfig: unary((request: proto.DiffRequest) => {
      const [before, after] = [decode(request.getOldInputs()).values, decode(request.getNews()).values];
      const changed = ["host", "context"].filter((key) => before[key] !== after[key]);
      return diffResponse(
        changed.map((property) => ({ property, change: "update", replaces: false })),
        false,
      );
    }),
    configure: unary(async (request: proto.ConfigureRequest) => {
      configured = await chosenEngine(decode(request.getArgs()).values, process.env).catch(oneError());
      const response = new proto.ConfigureResponse();
      // Previews call Create and Update, too, and secrets come in the clear: the engine keeps their marks.
      response.setSupportspreview(true);
      return response;
    }),
    check: unary((request: proto.CheckRequest) => {
      const { fields, properties } = kindOf(request.getUrn(), "Check");
      const name = request.getUrn().split("::").at(-1) ?? "";
      const { inputs, failures } = checkInputs(name, decode(request.getNews()).values, fields, properties);
      return checkResponse(wire(inputs), failures);
    }),
    diff: unary((request: proto.DiffRequest) => {
      const kind = kindOf(request.getUrn(), "Diff");
      const state = decode(request.getOlds()).values;
      const ignored = request.getIgnorechangesList();
      const found = differences(state, decode(request.getNews()).values, kind.properties);
      return diffResponse(
        found.filter(({ property }) => !ignored.includes(property)),
        kind.deletesBeforeReplace,
      );
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const kind = kindOf(request.getUrn(), "Create");
      const inputs = decode(request.getProperties()).values;
      const response = new proto.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(wire(planned(kind, inputs)));
        return response;
      }
      const { id, state } = await kind.create(engine(), inputs).catch((error: Error) => {
        throw error instanceof HalfMade ? halfMade(error, request.getUrn(), inputs) : oneError()(error);
      });
      response.setId(id);
      response.setProperties(wire(settled(state)));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const kind = kindOf(request.getUrn(), "Read");
      const state = decode(request.getProperties()).values;
      if (Object.keys(state).length === 0)
        throw new Error("the stand-in for the Docker provider imports nothing");
      const found = await kind
        .read(engine(), request.getId(), state)
        .catch(oneError(`refreshing ${request.getUrn()}: `));
      const response = new proto.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(wire(settled(found.state)));
      response.setInputs(wire(drifted(decode(request.getInputs()).values, found.state, kind)));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const kind = kindOf(request.getUrn(), "Update");
      const before = decode(request.getOlds()).values;
      const inputs = decode(request.getNews()).values;
      const state = request.getPreview()
        ? { ...before, ...inputs }
        : await kind
            .update(engine(), request.getId(), before, inputs)
            .catch(oneError(`updating ${request.getUrn()}: `));
      const response = new proto.UpdateResponse();
      response.setProperties(wire(settled(state)));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      const kind = kindOf(request.getUrn(), "Delete");
      await kind
        .delete(engine(), request.getId(), decode(request.getProperties()).values)
        .catch(oneError(`deleting ${request.getUrn()}: `));
      return new empty.Empty();
    }),
  };
}

function kindOf(urn: string, call: string): Kind {
  const type = urn.split("::")[2]?.split("$").at(-1);
  const kind = KINDS.find((candidate) => candidate.type === type);
  if (kind === undefined) throw new Error(`unrecognized resource type (${call}): ${type}`);
  return kind;
}

const wire = (values: Values): struct.Struct => encode(values, new Set());

/** State holds no notes about defaults. */
function settled(values: Values): Values {
  const clean = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return settled(value as Values);
  };
  const entries = Object.entries(values).filter(([key]) => key !== "__defaults");
  return Object.fromEntries(entries.map(([key, value]) => [key, clean(value)]));
}

/** What a preview can say of a resource that is not there yet. */
function planned({ properties, computed }: Kind, inputs: Values): Values {
  const open = Object.keys(properties).filter((key) => properties[key]?.computed === true);
  return {
    ...Object.fromEntries([...open, ...computed, "id"].map((key) => [key, UNKNOWN])),
    ...settled(inputs),
  };
}

/** Inputs as they would have to be to give what was found, so that a refresh shows what differs. */
function drifted(inputs: Values, state: Values, { properties }: Kind): Values {
  const own = settled(inputs);
  const differing = differences(state, inputs, properties).map(({ property }) => property);
  const given = differing.filter((property) => Object.hasOwn(own, property));
  const defaults = ((inputs["__defaults"] ?? []) as readonly string[]).filter((key) => !given.includes(key));
  const found = Object.fromEntries(given.map((property) => [property, state[property] ?? null]));
  return { ...inputs, ...found, __defaults: defaults };
}

function checkResponse(inputs: struct.Struct | undefined, failures: readonly string[]): proto.CheckResponse {
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

function diffResponse(
  found: readonly { property: string; change: Change; replaces: boolean }[],
  deletesBeforeReplace: boolean,
): proto.DiffResponse {
  const response = new proto.DiffResponse();
  const replaced = found.filter(({ replaces }) => replaces).map(({ property }) => property);
  response.setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(found.map(({ property }) => property));
  response.setReplacesList(replaced);
  response.setDeletebeforereplace(deletesBeforeReplace && replaced.length > 0);
  response.setHasdetaileddiff(true);
  for (const { property, change, replaces } of found) {
    const detail = new proto.PropertyDiff();
    detail.setKind(DETAILS[change][replaces ? "replaced" : "changed"]);
    response.getDetaileddiffMap().set(property, detail);
  }
  return response;
}

/** For `catch`: the form that Terraform's errors have when they come through Pulumi. */
function oneError(before = ""): (error: Error) => never {
  return (error) => {
    if (error.message.startsWith("docker native provider")) throw error;
    throw new Error(`${before}1 error occurred:\n\t* ${error.message}\n\n`, { cause: error });
  };
}

/** An error that also says what was made, in the trailer where the engine looks for it. */
function halfMade({ id, message }: HalfMade, urn: string, inputs: Values): Error {
  const details = `creating ${urn}: 1 error occurred:\n\t* ${message}\n\n`;
  const made = new proto.ErrorResourceInitFailed();
  made.setId(id);
  made.setProperties(wire({ ...settled(inputs), id }));
  made.setInputs(wire(inputs));
  made.setReasonsList([details]);
  const packed = new any.Any();
  packed.pack(made.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const answer = new rpc.Status();
  answer.setCode(status.UNKNOWN);
  answer.setMessage(details);
  answer.addDetails(packed);
  const metadata = new Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
  return Object.assign(new Error(details), { details, metadata });
}
