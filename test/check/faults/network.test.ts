import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import type { CheckResult, Report } from "../../../check/report.ts";
import type { Target } from "../../../check/target.ts";
import { startProxy } from "../../../rehearsal/fault-proxy.ts";
import { freePort } from "../../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { startDropping } from "../../support/dropping.ts";
import { lacks } from "../../support/parts.ts";

const run = promisify(execFile);
/** A network of its own, in which nothing but itself can be reached: needs no rights, but a Linux that allows it. */
const ALONE = ["-rn", process.execPath, "--input-type=module", "--eval"];
const canBeAlone = await run("unshare", ["-rn", "true"]).then(
  () => true,
  () => false,
);

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function redisServer(): Promise<TestRedis> {
  const redis = await startRedis();
  cleanups.push(redis.stop);
  return redis;
}
async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => server.close());
  return (server.address() as AddressInfo).port;
}
const at = (port: number, more: Partial<Target> = {}): Target => ({
  host: "127.0.0.1",
  port,
  tls: false,
  db: 0,
  ...more,
});

const DEADLINE_MS = 1500;
async function faultOf(target: Target): Promise<CheckResult | undefined> {
  const report = await checkCache({ enabled: true, target }, { deadlineMs: DEADLINE_MS });
  expect(report.durationMs).toBeLessThan(DEADLINE_MS + 500);
  return onlyFault(report);
}
function onlyFault(report: Report): CheckResult | undefined {
  expect(report.verdict).toBe("failed");
  const faults = report.checks.filter(({ status }) => status === "fail");
  expect(faults).toHaveLength(1);
  return faults[0];
}
async function faultAlone(target: Target): Promise<CheckResult | undefined> {
  const program = `
    import { checkCache } from ${JSON.stringify(resolve("check/check.ts"))};
    console.log(JSON.stringify(await checkCache({ enabled: true, target: ${JSON.stringify(target)} })));
  `;
  const { stdout } = await run("unshare", [...ALONE, program]);
  return onlyFault(JSON.parse(stdout) as Report);
}

describe("on the way to the server", () => {
  it("a name that does not exist is DNS_NOT_FOUND", async () => {
    // A label of 64 letters cannot exist (RFC 1035), which the resolver knows without asking anyone.
    expect(await faultOf(at(6379, { host: `${"a".repeat(64)}.example` }))).toMatchObject({
      id: "dns",
      code: "DNS_NOT_FOUND",
    });
  });

  it.skipIf(lacks("unshare", canBeAlone))("DNS that does not answer is DNS_UNAVAILABLE", async () => {
    expect(await faultAlone(at(6379, { host: "cache.example" }))).toMatchObject({
      id: "dns",
      code: "DNS_UNAVAILABLE",
    });
  });

  it.skipIf(lacks("unshare", canBeAlone))("an address that no way leads to is UNREACHABLE", async () => {
    expect(await faultAlone(at(6379, { host: "192.0.2.1" }))).toMatchObject({
      id: "tcp",
      code: "UNREACHABLE",
    });
  });

  it("a port that nobody listens on is TCP_REFUSED", async () => {
    expect(await faultOf(at(await freePort()))).toMatchObject({ id: "tcp", code: "TCP_REFUSED" });
  });

  it("a connection attempt without an answer is TCP_TIMEOUT", async () => {
    expect(await faultOf(at(await portThatDropsConnections()))).toMatchObject({
      id: "tcp",
      code: "TCP_TIMEOUT",
    });
  });

  it.each(["reset", "close"] as const)(
    "a connection that is ended at once (%s) is CONNECTION_RESET",
    async (how) => {
      const { port } = await redisServer();
      const proxy = await startProxy({ to: port, connection: how });
      cleanups.push(proxy.stop);
      expect(await faultOf(at(proxy.port))).toMatchObject({ code: "CONNECTION_RESET" });
    },
  );

  it("an interrupted TLS handshake is CONNECTION_RESET", async () => {
    const { port } = await redisServer();
    const proxy = await startProxy({ to: port, connection: "reset" });
    cleanups.push(proxy.stop);
    expect(await faultOf(at(proxy.port, { tls: true }))).toMatchObject({ code: "CONNECTION_RESET" });
  });
});

describe("of a server that takes the connection", () => {
  it("silence is TIMEOUT", async () => {
    const redis = await redisServer();
    redis.signal("SIGSTOP");
    expect(await faultOf(redis.target)).toMatchObject({ id: "ping", code: "TIMEOUT" });
  });

  it("silence in a TLS handshake is TIMEOUT", async () => {
    const redis = await redisServer();
    redis.signal("SIGSTOP");
    expect(await faultOf({ ...redis.target, tls: true })).toMatchObject({ id: "tls", code: "TIMEOUT" });
  });

  it("the reply of a web server is NOT_REDIS", async () => {
    const port = await listening(createHttpServer((_request, response) => response.end("hello")));
    const fault = await faultOf(at(port));
    expect(fault).toMatchObject({ id: "ping", code: "NOT_REDIS" });
    expect(fault?.observed).toContain("HTTP/1.1 400");
  });

  it("the reply of a web server to TLS is NOT_REDIS", async () => {
    const port = await listening(createHttpServer((_request, response) => response.end("hello")));
    expect(await faultOf(at(port, { tls: true }))).toMatchObject({ code: "NOT_REDIS" });
  });

  it.each([
    ["a mail server", "220 mail.example ESMTP\r\n"],
    ["SSH", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["POP3, which looks like Redis", "+OK POP3 ready\r\n"],
    ["IMAP", "* OK IMAP4 ready\r\n"],
    ["memcached", "ERROR\r\n"],
    ["a map of RESP3, which nobody asked for", "%1\r\n+a\r\n+b\r\n"],
    ["a reply of a size that cannot be", "$99999999999999999999\r\n"],
  ])("the words of %s are NOT_REDIS", async (_what, words) => {
    const port = await listening(
      createServer((socket: Socket) => socket.on("data", () => socket.write(words)).on("error", () => {})),
    );
    expect(await faultOf(at(port))).toMatchObject({ code: "NOT_REDIS" });
  });

  it("more than a reply can hold is NOT_REDIS, and is not waited for", async () => {
    const flood = (socket: Socket) => {
      const pour = () => {
        while (!socket.destroyed && socket.write("-".padEnd(65_536, "x")));
      };
      socket.on("error", () => {}).on("drain", pour);
      pour();
    };
    expect(await faultOf(at(await listening(createServer(flood))))).toMatchObject({ code: "NOT_REDIS" });
  });

  it("nonsense after good replies is PROTOCOL_ERROR", async () => {
    const { port } = await redisServer();
    const garbage = Buffer.from([0xff, 0x00, 0x0d, 0x0a]);
    const proxy = await startProxy({ to: port, reply: (bytes, index) => (index < 3 ? bytes : garbage) });
    cleanups.push(proxy.stop);
    expect(await faultOf(at(proxy.port))).toMatchObject({ id: "latency", code: "PROTOCOL_ERROR" });
  });

  it("a refusal says more than the reset that follows it", async () => {
    const refuse = (socket: Socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        socket.write("-ERR max number of clients reached\r\n", () => socket.resetAndDestroy()),
      );
    };
    const port = await listening(createServer(refuse));
    expect(await faultOf(at(port, { password: "secret-0815" }))).toMatchObject({ code: "MAX_CLIENTS" });
  });

  it("commands that arrive damaged are PROTOCOL_ERROR", async () => {
    const { port } = await redisServer();
    const spoil = (bytes: Buffer, index: number) => (index < 2 ? bytes : Buffer.from("*1\r\n!4\r\nPING\r\n"));
    const proxy = await startProxy({ to: port, request: spoil });
    cleanups.push(proxy.stop);
    expect(await faultOf(at(proxy.port))).toMatchObject({ id: "latency", code: "PROTOCOL_ERROR" });
  });

  it("an expiry that is not kept is TTL_NOT_KEPT", async () => {
    const { port } = await redisServer();
    const forever = (bytes: Buffer) =>
      Buffer.from(bytes.toString("latin1").replace(/:(60000|59\d{3})\r/, ":-1\r"), "latin1");
    const proxy = await startProxy({ to: port, reply: forever });
    cleanups.push(proxy.stop);
    expect(await faultOf(at(proxy.port))).toMatchObject({ id: "ttl", code: "TTL_NOT_KEPT" });
  });

  it("a value that returns damaged is VALUE_CHANGED", async () => {
    const { port } = await redisServer();
    // What something that takes all bytes for ASCII does to them.
    const ascii = (bytes: Buffer) => Buffer.from(bytes.map((byte) => (byte > 0x7f ? 0x3f : byte)));
    const proxy = await startProxy({ to: port, reply: ascii });
    cleanups.push(proxy.stop);
    expect(await faultOf(at(proxy.port))).toMatchObject({ id: "roundtrip", code: "VALUE_CHANGED" });
  });
});

async function portThatDropsConnections(): Promise<number> {
  const { port, stop } = await startDropping();
  cleanups.push(stop);
  return port;
}
