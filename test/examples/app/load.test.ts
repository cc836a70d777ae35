import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type LoadOptions, load } from "./load.ts";

const server = createServer();
afterEach(() => {
  server.closeAllConnections();
  server.close();
  server.removeAllListeners("request");
});

/** What becomes of 20 requests of user 1 to something that always answers the same. */
async function loadOn(status: number, body: string, more: Partial<LoadOptions> = { amount: 20 }) {
  server.on("request", (_, reply) => void reply.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = () => ({ user: "1", path: "/users/1/profile" });
  const { times, ...counts } = await load({ url: `http://127.0.0.1:${port}`, connections: 4, ask, ...more });
  expect(times).toHaveLength(counts.answers);
  return counts;
}

describe("load on the example app", () => {
  it("finds nothing wrong with a user's own data", async () => {
    expect(await loadOn(200, '[{"userId":"1"},{"userId":"1"}]')).toEqual({
      answers: 20,
      failed: 0,
      mixedUp: 0,
    });
  });

  it.each([
    ["another user's", '{"userId":"2"}'],
    ["also another user's", '[{"userId":"1"},{"userId":"2"}]'],
    ["nobody's", "[]"],
  ])("counts an answer with %s data once", async (_, body) => {
    expect(await loadOn(200, body)).toEqual({ answers: 20, failed: 0, mixedUp: 20 });
  });

  it("counts an error as failed, and not as data of a user", async () => {
    expect(await loadOn(503, "<h1>503</h1>")).toEqual({ answers: 20, failed: 20, mixedUp: 0 });
  });

  it("keeps to a rate, and ends when its caller stops it", async () => {
    const startMs = performance.now();
    const enough = { seconds: 60, rate: 20, signal: AbortSignal.timeout(2_500) };
    const { answers } = await loadOn(200, '{"userId":"1"}', enough);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    // A share at the start of each second.
    expect(answers).toBeGreaterThanOrEqual(20);
    expect(answers).toBeLessThanOrEqual(20 * Math.ceil((performance.now() - startMs) / 1000 + 1));
  });
});
