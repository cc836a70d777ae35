/** A stand-in as Pulumi's engine starts it: prints its port, serves, and ends with the engine. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { handlersOf } from "./protocol/handlers.ts";
import { STAND_INS, type StandInName } from "./stand-ins.ts";

const running = new Set<Promise<unknown>>();

/** The real provider outlives a killed engine until what it does is done; then nobody needs it any more. */
const endWhenIdle = async (): Promise<void> => {
  await Promise.allSettled(running);
  process.exit(0);
};
process.stdin.on("end", endWhenIdle);
process.stdin.on("error", endWhenIdle);
process.stdin.resume();

const name = process.argv[2] ?? "";
if (!Object.hasOwn(STAND_INS, name)) throw new Error(`there is no stand-in for a provider ${name}`);
const handlers = handlersOf(await STAND_INS[name as StandInName].load(), (call) => {
  running.add(call);
  call.finally(() => running.delete(call)).catch(() => {});
});

const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
// What a stand-in does not have, grpc-js answers with UNIMPLEMENTED.
server.addService(service.ResourceProviderService, handlers as Parameters<Server["addService"]>[1]);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${port}\n`);
});
