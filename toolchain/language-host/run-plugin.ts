/** `RunPlugin`: a provider or policy pack written in TypeScript or JavaScript, with its output as a stream. */
import type { ChildProcess } from "node:child_process";
import type { ServerWritableStream } from "@grpc/grpc-js";
import language from "@pulumi/pulumi/proto/language_pb.js";
import { locateModule } from "./locate.ts";
import { endOf, startNode } from "./processes.ts";
import { optionVariables, runtimeOptions } from "./runtime-options.ts";

/**
 * Runs a plugin until it ends or the engine gives the call up, its output going into the call.
 * @throws Error in the words of Pulumi's own host when it fails
 */
export async function runPlugin(
  call: ServerWritableStream<language.RunPluginRequest, language.RunPluginResponse>,
): Promise<void> {
  const child = startPlugin(call.request);
  child.stdout?.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(chunk)));
  call.on("cancelled", () => child.kill("SIGKILL"));
  const end = await endOf(child);
  if (end instanceof Error) {
    throw new Error(`Problem executing plugin program (could not run language executor): ${end.message}`);
  }
  if (end.code !== 0) throw new Error(`Program exited with non-zero exit code: ${end.code}${end.detail}`);
}

function startPlugin(request: language.RunPluginRequest): ChildProcess {
  const info = request.getInfo() ?? new language.ProgramInfo();
  const folder = info.getProgramDirectory();
  const options = runtimeOptions(info.getOptions());
  const isPolicyPack = request.getKind() === "analyzer";
  const run = locateModule(
    `@pulumi/pulumi/cmd/${isPolicyPack ? "run-policy-pack" : "run-plugin"}`,
    folder,
    `npm install in ${folder}`,
  );
  const words = request.getArgsList();
  // A policy pack needs its folder last and as its working folder, every other plugin needs it first.
  const args = isPolicyPack ? [...words, folder] : [folder, ...words];
  return startNode([...options.nodeargs, run, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: isPolicyPack ? folder : request.getPwd(),
    env: { ...variables(request.getEnvList()), ...optionVariables(options) },
  });
}

function variables(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(list.map((entry) => [entry.replace(/=.*/s, ""), entry.replace(/^[^=]*=?/, "")]));
}
