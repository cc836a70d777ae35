import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";

it("gives each port once, and none of the ports that systems assign themselves", async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, () => freePort()));
  expect(new Set(ports).size).toBe(100);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it("gives no port that is in use, on whichever address", async () => {
  const next = (await freePort()) + 7;
  const server = createServer().listen(next, "0.0.0.0");
  await once(server, "listening");
  expect(await freePort()).not.toBe(next);
  server.close();
});
