/** Drives the provider `propiq` as Pulumi's engine does: the real executable, over gRPC, with an engine that listens. */
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { PROJECT_ROOT } from "../../base/paths.ts";
import type { Properties, Values } from "../../infra/provider/protocol/values.ts";
import { type Found, type Plugin, startPlugin } from "./plugin.ts";

export interface ProviderUnderTest extends Pick<Plugin, "process" | "diff" | "delete" | "cancel" | "stop"> {
  /** What it sent the engine to show, newest last. */
  logged: { severity: "info" | "warning"; message: string; urn: string }[];
  /** @returns failures by property */
  check(
    type: string,
    inputs: Values,
    secrets?: string[],
  ): Promise<{ failures: Record<string, string>; inputs: Properties }>;
  create(type: string, inputs: Values, secrets?: string[]): Promise<Found>;
  read(type: string, id: string, state: Properties): Promise<Found & { inputs: Properties }>;
  update(
    type: string,
    id: string,
    state: Properties,
    inputs: Values,
    secrets?: string[],
  ): Promise<Properties>;
}

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
  const plugin = await startPlugin([executable, `127.0.0.1:${enginePort}`], env);
  await plugin.configure({});
  const marked = (values: Values, secrets: string[] = []): Properties => ({
    values,
    secrets: new Set(secrets),
  });

  return {
    ...plugin,
    logged,
    async check(type, given, secrets) {
      const { inputs, failures } = await plugin.check(type, marked(given, secrets));
      return {
        inputs,
        failures: Object.fromEntries(failures.map(({ property, reason }) => [property, reason])),
      };
    },
    create: (type, inputs, secrets) => plugin.create(type, marked(inputs, secrets)),
    read: (type, id, state) => plugin.read(type, id, state, state),
    update: (type, id, state, inputs, secrets) => plugin.update(type, id, state, marked(inputs, secrets)),
    async stop() {
      await plugin.stop();
      host.forceShutdown();
    },
  };
}
