import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { openTcp } from "../../../check/connect/sockets.ts";
import { startDropping } from "../../support/dropping.ts";

it("the network's round trip is that of the address that answered, not of a dead one before it", async () => {
  const { port, stop } = await startDropping("127.0.0.2");
  const server = createServer((socket) => socket.on("error", () => {})).listen(port, "127.0.0.1");
  await once(server, "listening");
  const addresses = ["127.0.0.2", "127.0.0.1"].map((address) => ({ address, family: 4 }));
  const startedAt = performance.now();
  const { socket, roundTripMs } = await openTcp(
    { host: "cache.example", port, addresses },
    AbortSignal.timeout(5000),
  );
  // Node gives each address a quarter of a second.
  expect(performance.now() - startedAt).toBeGreaterThan(200);
  expect(roundTripMs).toBeGreaterThan(0);
  expect(roundTripMs).toBeLessThan(150);
  socket.destroy();
  server.close();
  stop();
});
