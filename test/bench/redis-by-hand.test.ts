import { connect } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";
import { findRedisServer } from "../../toolchain/server-binary.ts";
import { redisToFirstPong } from "./redis-by-hand.ts";

it("waits for a PONG, and leaves no server behind", async () => {
  const server = await findRedisServer(process.env);
  const port = await freePort();
  const pids: number[] = [];
  const ms = await redisToFirstPong(server?.bin ?? "redis-server", port)((pid) => pids.push(pid));
  expect(ms).toBeGreaterThan(0);
  expect(pids).toHaveLength(1);
  await expect(new Promise((_, reject) => connect(port, "127.0.0.1").on("error", reject))).rejects.toThrow(
    "ECONNREFUSED",
  );
});

it("does not wait for a server that ends at once", async () => {
  await expect(redisToFirstPong("/bin/false", await freePort())(() => {})).rejects.toThrow(/ended at once/);
});
