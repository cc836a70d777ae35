/** The stand-in's process, asked as Pulumi's engine asks. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, type ServiceError } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import rpc from "@pulumi/pulumi/proto/status_pb.js";
import { decode, encode, type Properties, type Values } from "../../../../infra/provider/protocol/values.ts";
import { TYPE } from "./redis-database.ts";

export interface Found {
  id: string;
  state: Properties;
}

/** An operation that failed, with what the engine would record of it. */
export class Failed extends Error {
  readonly recorded: Found | undefined;

  constructor(message: string, recorded: Found | undefined) {
    super(message);
    this.recorded = recorded;
  }
}

const URN = `urn:pulumi:prod::p::${TYPE}::db`;
const wire = (values: Values) => encode(values, new Set());

export class Plugin {
  readonly #child: ChildProcess;
  readonly #client: InstanceType<typeof service.ResourceProviderClient>;

  private constructor(child: ChildProcess, port: string) {
    this.#child = child;
    this.#client = new service.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  /** @param config of the provider, as `{ email, apiKey }` */
  static async start(env: NodeJS.ProcessEnv, config: Values = {}): Promise<Plugin> {
    const executable = join(import.meta.dirname, "pulumi-resource-upstash");
    const child = spawn(executable, ["127.0.0.1:1"], { env, stdio: ["pipe", "pipe", "inherit"] });
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const plugin = new Plugin(child, port);
    const request = new proto.ConfigureRequest();
    request.setArgs(wire(config));
    try {
      await plugin.#call(plugin.#client.configure, request);
    } catch (error) {
      await plugin.stop();
      throw error;
    }
    return plugin;
  }

  async check(news: Values): Promise<{ inputs: Values; failures: string[] }> {
    const request = new proto.CheckRequest();
    request.setUrn(URN);
    request.setNews(wire(news));
    const response: proto.CheckResponse = await this.#call(this.#client.check, request);
    const failures = response.getFailuresList().map((failure) => failure.getReason());
    return { inputs: decode(response.getInputs()).values, failures };
  }

  /** @returns kinds by path, as in `{ "readRegions[0]": "ADD" }` */
  async diff(state: Values, inputs: Values): Promise<Record<string, string>> {
    const request = new proto.DiffRequest();
    request.setUrn(URN);
    request.setOlds(wire(state));
    request.setNews(wire(inputs));
    const response: proto.DiffResponse = await this.#call(this.#client.diff, request);
    const kinds = Object.entries(proto.PropertyDiff.Kind);
    const found: Record<string, string> = {};
    response.getDetaileddiffMap().forEach((detail: proto.PropertyDiff, path: string) => {
      found[path] = kinds.find(([, kind]) => kind === detail.getKind())?.[0] ?? "?";
    });
    return found;
  }

  async create(inputs: Values, preview = false): Promise<Found> {
    const request = new proto.CreateRequest();
    request.setUrn(URN);
    request.setProperties(wire(inputs));
    request.setPreview(preview);
    const response: proto.CreateResponse = await this.#call(this.#client.create, request);
    return { id: response.getId(), state: decode(response.getProperties()) };
  }

  async read(id: string, state: Values = {}, inputs: Values = {}): Promise<Found & { inputs: Values }> {
    const request = new proto.ReadRequest();
    request.setUrn(URN);
    request.setId(id);
    request.setProperties(wire(state));
    request.setInputs(wire(inputs));
    const response: proto.ReadResponse = await this.#call(this.#client.read, request);
    return {
      id: response.getId(),
      state: decode(response.getProperties()),
      inputs: decode(response.getInputs()).values,
    };
  }

  async update(id: string, state: Values, inputs: Values): Promise<Properties> {
    const request = new proto.UpdateRequest();
    request.setUrn(URN);
    request.setId(id);
    request.setOlds(wire(state));
    request.setNews(wire(inputs));
    const response: proto.UpdateResponse = await this.#call(this.#client.update, request);
    return decode(response.getProperties());
  }

  async delete(id: string, state: Values): Promise<void> {
    const request = new proto.DeleteRequest();
    request.setUrn(URN);
    request.setId(id);
    request.setProperties(wire(state));
    await this.#call(this.#client.delete, request);
  }

  async stop(): Promise<void> {
    this.#client.close();
    const ended = once(this.#child, "exit");
    this.#child.stdin?.end();
    await ended;
  }

  #call<Request, Response>(
    method: (request: Request, callback: (error: ServiceError | null, response: Response) => void) => unknown,
    request: Request,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      method.call(this.#client, request, (error, response) =>
        error ? reject(new Failed(error.details, recordedBy(error))) : resolve(response),
      );
    });
  }
}

function recordedBy({ metadata }: ServiceError): Found | undefined {
  const [packed] = metadata.get("grpc-status-details-bin");
  if (packed === undefined) return undefined;
  const [detail] = rpc.Status.deserializeBinary(Buffer.from(packed)).getDetailsList();
  const made = proto.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
  return { id: made.getId(), state: decode(made.getProperties()) };
}
