/** What the front door does with a worker that does not answer. */
import { once } from "node:events";
import { createServer } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { startFrontDoor } from "../../../rehearsal/azure/app-runner-front-door.ts";
import { makeAuthority } from "../../../rehearsal/tls.ts";

it.each(["/health", "/users/1"])("ends a request to %s once its client has disconnected", async (path) => {
  const worker = createServer();
  worker.listen(0, "127.0.0.1");
  const asked = once(worker, "request");
  onTestFinished(() => {
    worker.closeAllConnections();
    worker.close();
  });
  await once(worker, "listening");
  const { port } = worker.address() as AddressInfo;
  const authority = await makeAuthority();
  onTestFinished(() => authority.remove());
  const released = Promise.withResolvers<void>();
  const door = await startFrontDoor(authority, async () => ({
    port,
    health: "guide",
    release: () => released.resolve(),
  }));
  onTestFinished(() => door.close());

  const client = request(`https://${door.host}${path}`, { ca: authority.certificate, agent: false });
  client.on("error", () => {}).end();
  await asked;
  client.destroy();
  await released.promise;
  expect(door.counts).toEqual({ served: 0, failed: 0, refused: 0, broken: 0 });
});
