/**
 * A language host for Node.js programs, as Pulumi's engine starts it: `main.ts [-tracing X] ENGINE_ADDRESS` prints
 * its port, serves, and ends with the engine. Only for a CLI that was built here, since Pulumi's own is in no package
 * registry; it does what `sdk/nodejs/cmd/pulumi-language-nodejs/main.go` of pulumi/pulumi does, without code generation.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/language_grpc_pb.js";
import { endAll } from "./processes.ts";
import { languageRuntime } from "./service.ts";

/** A program's config may be larger than gRPC's own limit of 4 MB; Pulumi's own hosts take as much. */
const MESSAGE_BYTES = 400 * 1024 * 1024;

const end = () => {
  endAll();
  process.exit(0);
};
// The engine holds the other end of stdin: a killed engine says nothing more, but its pipe closes.
process.stdin.on("end", end).on("error", end).resume();
process.on("SIGINT", end).on("SIGTERM", end);

const server = new Server({
  "grpc.max_receive_message_length": MESSAGE_BYTES,
  "grpc.max_send_message_length": MESSAGE_BYTES,
});
server.addService(service.LanguageRuntimeService, languageRuntime(engineAddress(process.argv.slice(2))));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});

/** The one word that is neither a flag nor the value of one. */
function engineAddress(args: readonly string[]): string {
  return (
    args.find(
      (word, index) => !word.startsWith("-") && !/^--?(tracing|runtime)$/.test(args[index - 1] ?? ""),
    ) ?? ""
  );
}
