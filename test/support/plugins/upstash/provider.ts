/** The Upstash provider's side of Pulumi's protocol (pulumi: proto/pulumi/provider.proto). */
import { type handleUnaryCall, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import rpc from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import type struct from "google-protobuf/google/protobuf/struct_pb.js";
import { decode, encode, type Values } from "../../../../infra/provider/protocol/values.ts";
import { checkInputs } from "./check.ts";
import { type Client, clientOf } from "./client.ts";
import { type Change, type Difference, differences } from "./diff.ts";
import { DATABASE, SECRETS } from "./properties.ts";
import {
  createDatabase,
  deleteDatabase,
  type Found,
  HalfDone,
  readDatabase,
  settled,
  TYPE,
  updateDatabase,
} from "./redis-database.ts";
import { SDK_VERSION } from "./sdk-types.ts";

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
export function upstashProvider(
  track: (running: Promise<unknown>) => void,
): Partial<IResourceProviderServer> {
  let configured: Client | undefined;
  const client = (): Client => {
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
        ({ code = status.UNKNOWN, details, message, metadata }: ServiceError) => {
          callback({ code, details: details ?? message, message, metadata } as ServiceError, null);
        },
      );
    };

  // No CheckConfig and no DiffConfig: the real provider's bridge is too old for them, and answers UNIMPLEMENTED.
  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(`v${SDK_VERSION}`);
      return info;
    }),
    // The engine's address: the stand-in has nothing to say to it.
    attach: unary(() => new empty.Empty()),
    cancel: unary(() => new empty.Empty()),
    configure: unary((request: proto.ConfigureRequest) => {
      configured = clientOf(credentialsOf(decode(request.getArgs()).values, process.env));
      const response = new proto.ConfigureResponse();
      // Previews call Create and Update, too; secrets come in the clear: the engine keeps their marks.
      response.setSupportspreview(true);
      return response;
    }),
    check: unary((request: proto.CheckRequest) => {
      knowing(request.getUrn());
      const { inputs, failures } = checkInputs(decode(request.getNews()).values);
      const response = new proto.CheckResponse();
      response.setInputs(wire(inputs));
      response.setFailuresList(
        failures.map((reason) => {
          const failure = new proto.CheckFailure();
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),
    diff: unary((request: proto.DiffRequest) => {
      knowing(request.getUrn());
      const ignored = request.getIgnorechangesList();
      const found = differences(decode(request.getOlds()).values, decode(request.getNews()).values);
      return diffResponse(found.filter(({ property }) => !ignored.includes(property)));
    }),
    create: unary(async (request: proto.CreateRequest) => {
      knowing(request.getUrn());
      const inputs = decode(request.getProperties()).values;
      const response = new proto.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(wire({ ...settled(inputs), consistent: false, multizone: false, id: "" }));
        return response;
      }
      const { id, state } = await createDatabase(client(), inputs).catch(
        inWords(`creating ${request.getUrn()}: `),
      );
      response.setId(id);
      response.setProperties(wire({ ...state, id }));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      knowing(request.getUrn());
      const state = decode(request.getProperties()).values;
      const { id, state: found } = await readDatabase(client(), request.getId(), state).catch(
        inWords(`refreshing ${request.getUrn()}: `),
      );
      const response = new proto.ReadResponse();
      response.setId(id);
      response.setProperties(wire({ ...found, id }));
      response.setInputs(wire(inputsOf(decode(request.getInputs()).values, found)));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      knowing(request.getUrn());
      const [before, inputs] = [decode(request.getOlds()).values, decode(request.getNews()).values];
      const id = request.getId();
      const { state } = request.getPreview()
        ? { state: { ...before, ...settled(inputs) } }
        : await updateDatabase(client(), id, before, inputs).catch(inWords(`updating ${request.getUrn()}: `));
      const response = new proto.UpdateResponse();
      response.setProperties(wire({ ...state, id }));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      knowing(request.getUrn());
      const state = decode(request.getProperties()).values;
      await deleteDatabase(client(), state).catch(inWords(`deleting ${request.getUrn()}: `));
      return new empty.Empty();
    }),
  };
}

/** Config wins over the environment (provider.go: EnvDefaultFunc). */
function credentialsOf(config: Values, env: NodeJS.ProcessEnv): { email: string; apiKey: string } {
  const email = config["email"] ?? env["UPSTASH_EMAIL"];
  const apiKey = config["apiKey"] ?? env["UPSTASH_API_KEY"];
  if (typeof email === "string" && email !== "" && typeof apiKey === "string" && apiKey !== "") {
    return { email, apiKey };
  }
  const details = "required configuration keys were missing";
  throw Object.assign(new Error(details), { code: status.INVALID_ARGUMENT, details });
}

function knowing(urn: string): void {
  const type = urn.split("::")[2]?.split("$").at(-1);
  if (type !== TYPE) throw new Error(`The stand-in for the Upstash provider does not know ${type}.`);
}

const wire = (values: Values): struct.Struct => encode(values, SECRETS);

/** Inputs as they would have to be to give what was found; for an import all that have another value than none. */
function inputsOf(inputs: Values, found: Values): Values {
  const own = settled(inputs);
  const imported = Object.keys(own).length === 0;
  // What a lookup was given to go by stays among its inputs, though it is an output (seen).
  const candidates = imported ? Object.keys(DATABASE).filter((key) => found[key]) : Object.keys(own);
  const keys = candidates.filter((key) => Object.hasOwn(found, key));
  const noted = inputs["__defaults"];
  const known: Values = Object.fromEntries(keys.map((key) => [key, found[key] ?? null]));
  if (noted === undefined && !imported) return known;
  const defaults = ((noted ?? []) as readonly string[]).filter(
    (key) => known[key] === DATABASE[key]?.default,
  );
  return { ...known, __defaults: defaults };
}

function diffResponse(found: readonly Difference[]): proto.DiffResponse {
  const response = new proto.DiffResponse();
  response.setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(found.map(({ property }) => property));
  response.setReplacesList(found.filter(({ replaces }) => replaces).map(({ property }) => property));
  response.setHasdetaileddiff(true);
  for (const { path, change, replaces } of found) {
    const detail = new proto.PropertyDiff();
    detail.setKind(DETAILS[change][replaces ? "replaced" : "changed"]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** For `catch`: the form that Terraform's errors have when they come through Pulumi; a plain create is not named (seen). */
function inWords(before: string): (error: Error) => never {
  return (error) => {
    const words = `1 error occurred:\n\t* ${error.message}\n\n`;
    if (error instanceof HalfDone) throw halfDone(error.found, before + words);
    throw new Error(before.startsWith("creating") ? words : before + words, { cause: error });
  };
}

/** An error that also says what is there now, in the trailer where the engine looks for it. */
function halfDone({ id, state }: Found, details: string): Error {
  const made = new proto.ErrorResourceInitFailed();
  made.setId(id);
  made.setProperties(wire({ ...state, id }));
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
