/** The service `LanguageRuntime` as a table: what the engine asks, and who answers. */
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { PULUMI_VERSION } from "../version.ts";
import { interruptAll } from "./processes.ts";
import { requiredPackages } from "./required-packages.ts";
import { runProgram } from "./run-program.ts";

/** @param engineAddress where the engine answers; `Handshake` may name it later */
export function languageRuntime(engineAddress: string) {
  let engine = engineAddress;
  return {
    handshake: unary((request: language.LanguageHandshakeRequest) => {
      engine = request.getEngineAddress();
      return new language.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary((_request: empty.Empty) => new plugin.PluginInfo().setVersion(PULUMI_VERSION)),
    getRequiredPackages: unary(async (request: language.GetRequiredPackagesRequest) =>
      new language.GetRequiredPackagesResponse().setPackagesList(
        await requiredPackages(request.getInfo()?.getProgramDirectory() ?? ""),
      ),
    ),
    getProgramDependencies: unary(async (request: language.GetProgramDependenciesRequest) => {
      const { programDependencies } = await import("./dependencies.ts");
      const found = await programDependencies(request.getInfo()?.getProgramDirectory() ?? request.getPwd());
      return new language.GetProgramDependenciesResponse().setDependenciesList(found);
    }),
    installDependencies: streaming(
      async (
        call: ServerWritableStream<language.InstallDependenciesRequest, language.InstallDependenciesResponse>,
      ) => await (await import("./dependencies.ts")).installDependencies(call),
    ),
    run: unary((request: language.RunRequest, cancelled) => {
      if (engine === "")
        throw new Error("when debugging or running explicitly, must call Handshake before Run");
      return runProgram(request, engine, cancelled);
    }),
    runPlugin: streaming(
      async (call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>) =>
        await (await import("./run-plugin.ts")).runPlugin(call),
    ),
    cancel: unary((_request: empty.Empty) => {
      interruptAll();
      return new empty.Empty();
    }),
    about: unary((_request: language.AboutRequest) => {
      const answer = new language.AboutResponse().setExecutable(process.execPath).setVersion(process.version);
      answer.getMetadataMap().set("packagemanager", "npm");
      return answer;
    }),
  };
}

/** A call with one answer; the signal is aborted when the engine no longer waits for it. */
function unary<Request, Response>(
  answer: (request: Request, cancelled: AbortSignal) => Promise<Response> | Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on("cancelled", () => cancelled.abort());
    Promise.resolve()
      .then(() => answer(call.request, cancelled.signal))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failure(error)),
      );
  };
}

/** A call whose answers the handler writes; it ends when the handler does. */
function streaming<Request, Response>(
  answer: (call: ServerWritableStream<Request, Response>) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    answer(call).then(
      () => call.end(),
      (error: unknown) => call.emit("error", failure(error)),
    );
  };
}

function failure(error: unknown): Partial<ServiceError> {
  return { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}
