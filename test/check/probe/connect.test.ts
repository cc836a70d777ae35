import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it, vi } from "vitest";
import { startDeadline } from "../../../check/deadline.ts";
import { connect } from "../../../check/probe/connect.ts";
import type { Run } from "../../../check/probe/run.ts";
import { startDropping } from "../../support/dropping.ts";

// No name of this machine is sure to have two addresses.
vi.mock(import("../../../check/connect/resolve.ts"), () => ({
  resolveHost: async () => ["127.0.0.2", "127.0.0.1"].map((address) => ({ address, family: 4 })),
}));

it("a dead address before the one that answers makes connecting slow, and not the network", async () => {
  const { port, stop } = await startDropping("127.0.0.2");
  const server = createServer((socket) => socket.on("error", () => {})).listen(port, "127.0.0.1");
  await once(server, "listening");
  const deadline = startDeadline(5000);
  const run: Run = {
    ...{ target: { host: "cache.example", port, tls: false, db: 0 }, deadline, found: [] },
    ...{ measurements: {}, meter: { commands: 0 }, onStage: () => {} },
  };
  const { connection } = await connect(run);
  connection.close();
  deadline.end();
  server.close();
  stop();
  // Node gives each address a quarter of a second.
  expect(run.measurements.connectMs?.tcp).toBeGreaterThan(200);
  expect(run.measurements.networkMs).toBeLessThan(150);
});
