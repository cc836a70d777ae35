/** What single replies in the midst of the exchange mean. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import type { CheckId, CheckResult } from "../../../check/report.ts";
import { type Answers, bulk, error, integer, startRespServer } from "../../support/resp-server.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function checked(answers: Answers): Promise<(id: CheckId) => CheckResult | undefined> {
  const { port, stop } = await startRespServer(answers);
  cleanups.push(stop);
  return await checkedAt(port);
}
async function checkedAt(port: number): Promise<(id: CheckId) => CheckResult | undefined> {
  const target = { host: "127.0.0.1", port, tls: false, db: 0 };
  const { checks } = await checkCache({ enabled: true, target }, { samples: 1, deadlineMs: 3000 });
  return (id) => checks.find((check) => check.id === id);
}

describe("the time left is", () => {
  it.each([
    [integer(1), "pass"],
    [integer(60_000), "pass"],
    [integer(60_001), "fail"],
    [integer(0), "fail"],
    [integer(-1), "fail"],
    [integer(-2), "fail"],
    [bulk("60000"), "fail"],
    [error("ERR unknown command 'PTTL'"), "skip"],
  ])("answered with %j: %s", async (answer, status) => {
    const of = await checked({ PTTL: answer });
    expect(of("ttl")).toMatchObject(status === "fail" ? { status, code: "TTL_NOT_KEPT" } : { status });
  });
});

describe("a key that was removed is", () => {
  it.each([
    [{ EXISTS: integer(0) }, { status: "pass" }],
    [{ EXISTS: integer(1) }, { status: "fail", code: "VALUE_CHANGED" }],
    [{ EXISTS: integer(2) }, { status: "fail", code: "VALUE_CHANGED" }],
    [{ EXISTS: error("NOPERM no") }, { status: "skip", code: "AUTH_FORBIDDEN" }],
    [{ DEL: error("NOPERM no") }, { status: "warn", code: "AUTH_FORBIDDEN" }],
  ])("answered with %j", async (answers, outcome) => {
    expect((await checked(answers))("cleanup")).toMatchObject(outcome);
  });
});

it.each([
  [0, "0 s"],
  [119, "119 s"],
  [120, "2 minutes"],
  [7199, "119 minutes"],
  [7200, "2 hours"],
  [172_799, "47 hours"],
  [172_800, "2 days"],
])("a server that has been up for %d seconds is up for %s", async (seconds, words) => {
  const of = await checked({ INFO: bulk(`redis_version:7.4.0\r\nuptime_in_seconds:${seconds}\r\n`) });
  expect(of("info")?.observed).toBe(`Redis 7.4.0, up for ${words}`);
});

it.each(["end", "resetAndDestroy"] as const)(
  "a refusal in the midst of it says why the server hung up (%s)",
  async (end) => {
    const server = createServer((socket: Socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        socket.write("+PONG\r\n");
        socket.once("data", () => {
          socket.write("-ERR max number of clients reached\r\n");
          setTimeout(() => socket[end](), 50);
        });
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    cleanups.push(() => server.close());
    const of = await checkedAt((server.address() as AddressInfo).port);
    expect(of("roundtrip")).toMatchObject({ status: "fail", code: "MAX_CLIENTS" });
  },
);
