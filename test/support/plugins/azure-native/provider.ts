/** The azure-native provider's side of Pulumi's protocol (pulumi-azure-native: provider/pkg/provider/provider.go). */
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
import { type Account, openAccount } from "./account.ts";
import { ArmClient, ArmError, Unfinished } from "./arm-client.ts";
import { checkInputs } from "./check.ts";
import { fillPath, toBody, toOutputs } from "./convert.ts";
import { type Change, type Difference, differences, driftedInputs } from "./diff.ts";
import { FUNCTIONS, type Kind, kindOf } from "./kinds.ts";
import { readArgs, SDK_VERSION } from "./sdk-types.ts";

const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
const { Kind: Detail } = proto.PropertyDiff;
const DETAILS: Readonly<
  Record<Change, { changed: proto.PropertyDiff.Kind; replaced: proto.PropertyDiff.Kind }>
> = {
  add: { changed: Detail.ADD, replaced: Detail.ADD_REPLACE },
  delete: { changed: Detail.DELETE, replaced: Detail.DELETE_REPLACE },
  update: { changed: Detail.UPDATE, replaced: Detail.UPDATE_REPLACE },
};
/** What the provider takes for known in the preview of an update. */
const STABLE = ["name", "location"];

/** @param track told of each call, so that the process can end after the last */
export function azureNativeProvider(
  track: (running: Promise<unknown>) => void,
): Partial<IResourceProviderServer> {
  const cancelled = new AbortController();
  let opened: { account: Account; arm: ArmClient } | undefined;
  const session = () => {
    if (opened === undefined) throw new Error("the engine did not configure the provider first");
    return opened;
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
  const readState = async (kind: Kind, id: string): Promise<Values> =>
    toOutputs(kind, await session().arm.get(id, kind.apiVersion));

  return {
    getPluginInfo: unary(() => {
      const info = new plugin.PluginInfo();
      info.setVersion(SDK_VERSION);
      return info;
    }),
    attach: unary(() => new empty.Empty()),
    cancel: unary(() => {
      cancelled.abort(new Error("context canceled"));
      return new empty.Empty();
    }),
    checkConfig: unary((request: proto.CheckRequest) => {
      const known = Object.keys(readArgs("provider.d.ts", "ProviderArgs"));
      const strange = Object.keys(decode(request.getNews()).values).filter(
        (key) => !known.includes(key) && key !== "version" && key !== "pluginDownloadURL",
      );
      const failures = strange.map((key) => `azure-native:${key} is no config of the azure-native provider`);
      return checkResponse(request.getNews(), failures);
    }),
    diffConfig: unary(() => new proto.DiffResponse()),
    configure: unary(async (request: proto.ConfigureRequest) => {
      if (!request.getSendsOldInputs() || !request.getSendsOldInputsToDelete()) {
        throw new Error("Azure Native provider requires Pulumi CLI v3.74.0 or later");
      }
      const config: Record<string, string> = {};
      request.getVariablesMap().forEach((value: string, key: string) => {
        config[key.replace("azure-native:config:", "")] = value;
      });
      const account = await openAccount(config, process.env);
      opened = { account, arm: new ArmClient(account, cancelled.signal) };
      const response = new proto.ConfigureResponse();
      // Previews call Create and Update, too, and secrets come in the clear: the engine keeps their marks.
      response.setSupportspreview(true);
      return response;
    }),
    invoke: unary(async (request: proto.InvokeRequest) => {
      const found = await callFunction(request.getTok(), decode(request.getArgs()).values, session());
      const response = new proto.InvokeResponse();
      response.setReturn(wire(found));
      return response;
    }),
    check: unary((request: proto.CheckRequest) => {
      const name = request.getUrn().split("::").at(-1) ?? "";
      const { inputs, failures } = checkInputs(
        name,
        decode(request.getNews()).values,
        kindOfUrn(request.getUrn()),
      );
      return checkResponse(wire(inputs), failures);
    }),
    diff: unary((request: proto.DiffRequest) => {
      const [before, after] = [decode(request.getOldInputs()).values, decode(request.getNews()).values];
      const ignored = request.getIgnorechangesList();
      const found = differences(before, after, kindOfUrn(request.getUrn()));
      return diffResponse(found.filter(({ path }) => !ignored.includes(path)));
    }),
    create: unary(async (request: proto.CreateRequest) => {
      const kind = kindOfUrn(request.getUrn());
      const inputs = decode(request.getProperties()).values;
      const response = new proto.CreateResponse();
      if (request.getPreview()) {
        response.setProperties(wire(planned(kind, inputs)));
        return response;
      }
      const { account, arm } = session();
      const path = fillPath(kind.path, inputs, account.subscriptionId);
      await arm.canCreate(path, kind.apiVersion);
      const made = await arm
        .put(path, kind.apiVersion, toBody(kind, inputs))
        .catch(orHalfMade(kind, path, inputs, readState));
      const id = idOf(made) ?? path;
      response.setId(id);
      response.setProperties(wire(await readState(kind, id)));
      return response;
    }),
    read: unary(async (request: proto.ReadRequest) => {
      const kind = kindOfUrn(request.getUrn());
      const response = new proto.ReadResponse();
      const state = await readState(kind, request.getId()).catch(unlessGone);
      if (state === undefined) return response;
      const [before, inputs] = [decode(request.getProperties()).values, decode(request.getInputs()).values];
      response.setId(request.getId());
      response.setProperties(wire(state));
      // Of a resource that is only looked up there are no inputs to compare.
      const isKnown = Object.keys(inputs).length > 0;
      response.setInputs(wire(isKnown ? driftedInputs(inputs, before, state, kind) : writable(kind, state)));
      return response;
    }),
    update: unary(async (request: proto.UpdateRequest) => {
      const kind = kindOfUrn(request.getUrn());
      const before = decode(request.getOlds()).values;
      const inputs = decode(request.getNews()).values;
      const response = new proto.UpdateResponse();
      if (request.getPreview()) {
        const stable = STABLE.flatMap((key) => (key in before ? [[key, before[key] as Value]] : []));
        response.setProperties(wire({ ...planned(kind, inputs), ...Object.fromEntries(stable) }));
        return response;
      }
      const { account, arm } = session();
      const path = fillPath(kind.path, inputs, account.subscriptionId);
      await arm
        .put(path, kind.apiVersion, toBody(kind, inputs))
        .catch(orHalfMade(kind, path, inputs, readState));
      response.setProperties(wire(await readState(kind, path)));
      return response;
    }),
    delete: unary(async (request: proto.DeleteRequest) => {
      const kind = kindOfUrn(request.getUrn());
      await session().arm.delete(request.getId(), kind.apiVersion, kind.deletePolls);
      return new empty.Empty();
    }),
  };
}

async function callFunction(
  token: string,
  args: Values,
  { account, arm }: { account: Account; arm: ArmClient },
): Promise<Values> {
  if (token === "azure-native:authorization:getClientConfig") {
    const { clientId, subscriptionId, tenantId } = account;
    const claims = JSON.parse(
      Buffer.from((await account.token()).split(".")[1] ?? "", "base64url").toString(),
    ) as { oid?: string };
    return { clientId, objectId: claims.oid ?? "", subscriptionId, tenantId };
  }
  const found = FUNCTIONS[token];
  if (found === undefined) throw new Error(`Invoke type ${token} not found`);
  const path = fillPath(found.path, args, account.subscriptionId);
  const answer = await arm.post(path, found.apiVersion).catch((error: Error) => {
    throw new Error(`request failed ${path}: ${error.message}`, { cause: error });
  });
  const { primaryKey, secondaryKey } = answer as Record<string, string>;
  return { primaryKey: primaryKey ?? null, secondaryKey: secondaryKey ?? null };
}

function kindOfUrn(urn: string): Kind {
  return kindOf(urn.split("::")[2]?.split("$").at(-1) ?? "");
}

const wire = (values: Values): struct.Struct => encode(values, new Set());

/** What a preview can say: inputs as outputs, everything else not known yet. */
function planned(kind: Kind, inputs: Values): Values {
  const own = kind.outputs.map((name) => [name, inputs[name] ?? UNKNOWN] as const);
  return Object.fromEntries(own);
}

function writable(kind: Kind, state: Values): Values {
  return Object.fromEntries(Object.entries(state).filter(([name]) => kind.known.includes(name)));
}

function idOf(response: unknown): string | undefined {
  const id = (response as { id?: unknown } | undefined)?.id;
  return typeof id === "string" ? id : undefined;
}

/** For `catch` of a read: 404 means gone. */
function unlessGone(error: unknown): undefined {
  if (error instanceof ArmError && error.status === 404) return undefined;
  throw error;
}

/** For `catch` of a write: where something of the resource is there, the error says so, with its state. */
function orHalfMade(
  kind: Kind,
  id: string,
  inputs: Values,
  readState: (kind: Kind, id: string) => Promise<Values>,
): (error: Error) => Promise<never> {
  return async (error) => {
    if (!(error instanceof Unfinished)) throw error;
    let { message } = error;
    const state = await readState(kind, id).catch((unread: Error) => {
      message = `resource created but read failed ${unread.message}: ${message}`;
      return {};
    });
    const made = new proto.ErrorResourceInitFailed();
    made.setId(id);
    made.setProperties(wire(state));
    made.setInputs(wire(inputs));
    made.setReasonsList([message]);
    const packed = new any.Any();
    packed.pack(made.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new rpc.Status();
    answer.setCode(status.UNKNOWN);
    answer.setMessage(message);
    answer.addDetails(packed);
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
    throw Object.assign(new Error(message), { details: message, metadata });
  };
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

function diffResponse(found: readonly Difference[]): proto.DiffResponse {
  const top = (path: string): string => path.split(/[.[]/)[0] ?? path;
  const replaced = found.filter(({ replaces }) => replaces).map(({ path }) => top(path));
  const response = new proto.DiffResponse();
  response.setChanges(found.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList([...new Set(found.map(({ path }) => top(path)))]);
  response.setReplacesList([...new Set(replaced)]);
  // The real one deletes first whatever has a name that the program gave.
  response.setDeletebeforereplace(replaced.length > 0);
  response.setHasdetaileddiff(true);
  for (const { path, change, replaces } of found) {
    const detail = new proto.PropertyDiff();
    detail.setKind(DETAILS[change][replaces ? "replaced" : "changed"]);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}
