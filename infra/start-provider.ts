/**
 * Preloaded into the Pulumi program: has the engine start our provider while the program is still loading. By itself the
 * engine starts it at its first resource, and one plugin after the other, so that all of the program waits for it.
 */
import { setImmediate } from "node:timers/promises";
import { credentials } from "@grpc/grpc-js";
import service from "@pulumi/pulumi/proto/resource_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/resource_pb.js";
import { START_TOKEN } from "./provider/protocol/start-token.ts";

/** The engine listens before it starts a program. */
const CONNECTED_WITHIN_MS = 500;

const at = process.argv.indexOf("--monitor");
const address = process.argv[at + 1];
if (at >= 0 && address !== undefined) await start(address);

/** Returns when the request is on its way: what is loaded next leaves no time for it. */
async function start(monitor: string): Promise<void> {
  const client = new service.ResourceMonitorClient(monitor, credentials.createInsecure());
  const isConnected = await new Promise<boolean>((resolve) => {
    client.waitForReady(Date.now() + CONNECTED_WITHIN_MS, (error) => resolve(error === undefined));
  });
  if (!isConnected) return client.close();
  const request = new proto.ResourceInvokeRequest();
  request.setTok(START_TOKEN);
  // Where it cannot be started, its first resource says why.
  client.invoke(request, () => client.close());
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
}
