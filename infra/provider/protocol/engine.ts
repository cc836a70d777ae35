/** The way back to Pulumi's engine: rows that show progress, and warnings. */
import { credentials } from "@grpc/grpc-js";
import engineService from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engine from "@pulumi/pulumi/proto/engine_pb.js";
import type { SafeText } from "../../../base/safe-text.ts";

export interface EngineLog {
  /** Shown on the resource's row until the next one; gone when the operation ends. */
  progress(urn: string, message: SafeText): void;
  /** Stays below the update. */
  warn(urn: string, message: SafeText): void;
}

/** @param address host:port of the engine, as it gives it to each plugin */
export function connectEngine(address: string): EngineLog {
  const client = new engineService.EngineClient(address, credentials.createInsecure());
  const log = (severity: engine.LogSeverity, urn: string, message: SafeText, ephemeral: boolean): void => {
    const request = new engine.LogRequest();
    request.setSeverity(severity);
    request.setUrn(urn);
    request.setMessage(message);
    request.setEphemeral(ephemeral);
    // A message that does not arrive must not fail the operation that it is about.
    client.log(request, () => {});
  };
  return {
    progress: (urn, message) => log(engine.LogSeverity.INFO, urn, message, true),
    warn: (urn, message) => log(engine.LogSeverity.WARNING, urn, message, false),
  };
}
