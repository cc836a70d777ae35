import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer as createPlainServer } from "node:net";
import { resolve } from "node:path";
import {
  createServer,
  getCACertificates,
  type Server,
  setDefaultCACertificates,
  type TLSSocket,
} from "node:tls";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import type { CheckResult } from "../../../check/report.ts";
import type { Target } from "../../../check/target.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { type Authority, type CertificateFiles, makeAuthority } from "../../../rehearsal/tls.ts";

const run = promisify(execFile);
const machinesOwn = getCACertificates("default");
let authority: Authority;
let redis: TestRedis | undefined;

beforeAll(async () => {
  authority = await makeAuthority();
  setDefaultCACertificates([...machinesOwn, authority.certificate]);
});
afterAll(async () => {
  setDefaultCACertificates(machinesOwn);
  await authority.remove();
});
afterEach(() => redis?.stop());

async function serveWith(
  files: CertificateFiles,
  clientCertificates = false,
  args: readonly string[] = [],
): Promise<Target> {
  redis = await startRedis({ tls: { ...files, clientCertificates }, args });
  return { ...redis.target, host: "localhost" };
}
async function faultOf(target: Target, deadlineMs = 10_000): Promise<CheckResult | undefined> {
  const report = await checkCache({ enabled: true, target }, { deadlineMs });
  expect(report.verdict).toBe("failed");
  return report.checks.find(({ status }) => status === "fail");
}

let server: Server | undefined;
afterEach(() => server?.close());

/** Speaks TLS, and nothing in it; its certificate is for both names of this machine. */
async function tlsServer(): Promise<{ server: Server; port: number }> {
  const { cert, key } = await authority.issue("DNS:localhost,IP:127.0.0.1");
  server = createServer({ cert: await readFile(cert), key: await readFile(key) });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

describe("over TLS", () => {
  it("a good certificate is verified, and its expiry date is reported", async () => {
    const target = await serveWith(await authority.issue("DNS:localhost"));
    const report = await checkCache({ enabled: true, target });
    expect(report.verdict).toBe("healthy");
    expect(report.checks.find(({ id }) => id === "tls")?.observed).toMatch(
      /^TLSv1\.\d, certificate valid until 20/,
    );
    expect(Object.keys(report.measurements.connectMs ?? {})).toEqual(["dns", "tcp", "tls"]);
  });

  it("a certificate may name an address in place of a host name", async () => {
    const target = await serveWith(await authority.issue("IP:127.0.0.1"));
    expect((await checkCache({ enabled: true, target: { ...target, host: "127.0.0.1" } })).verdict).toBe(
      "healthy",
    );
  });

  it("the check sends a host name to the server, but no address, which RFC 6066 forbids", async () => {
    const { server, port } = await tlsServer();
    const toldAs = async (host: string) => {
      const connected = once(server, "secureConnection") as Promise<[TLSSocket]>;
      const checking = checkCache({ enabled: true, target: { host, port, tls: true, db: 0 } });
      const [socket] = await connected;
      socket.end("+OK nobody\r\n");
      await checking;
      return socket.servername;
    };
    expect(await toldAs("localhost")).toBe("localhost");
    expect(await toldAs("127.0.0.1")).toBe(false);
  });

  it("an expired certificate is TLS_EXPIRED", async () => {
    const target = await serveWith(await authority.issue("DNS:localhost", { from: -3, to: -1 }));
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_EXPIRED" });
  });

  it("a certificate of the future is TLS_EXPIRED too: a clock is wrong", async () => {
    const target = await serveWith(await authority.issue("DNS:localhost", { from: 2, to: 3 }));
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_EXPIRED" });
  });

  it("a certificate for another host is TLS_HOSTNAME", async () => {
    const target = await serveWith(await authority.issue("DNS:other.example"));
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_HOSTNAME" });
  });

  it("an authority that this machine does not know is TLS_UNTRUSTED", async () => {
    const stranger = await makeAuthority();
    const target = await serveWith(await stranger.issue("DNS:localhost"));
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_UNTRUSTED" });
    await stranger.remove();
  });

  it("NODE_TLS_REJECT_UNAUTHORIZED=0 does not make a certificate trusted", async () => {
    const stranger = await makeAuthority();
    const target = await serveWith(await stranger.issue("DNS:localhost"));
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_UNTRUSTED" });
    } finally {
      delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
      await stranger.remove();
    }
  });

  it("a server that does not send its intermediate certificate is TLS_UNTRUSTED", async () => {
    const stranger = await makeAuthority();
    const { cert, key } = await stranger.issue("DNS:localhost");
    server = createServer({ cert: await readFile(cert), key: await readFile(key) });
    server.on("tlsClientError", () => {});
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const fault = await faultOf({ host: "localhost", port, tls: true, db: 0 });
    expect(fault).toMatchObject({ id: "tls", code: "TLS_UNTRUSTED" });
    // The one leaf was all that came: what browsers fix by themselves, and apps do not.
    expect(fault?.observed).toContain("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    await stranger.remove();
  });

  it("a server that requires a client certificate is TLS_HANDSHAKE", async () => {
    const target = await serveWith(await authority.issue("DNS:localhost"), true);
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_HANDSHAKE" });
  });

  it("a TLS server addressed without TLS is TLS_REQUIRED", async () => {
    const target = await serveWith(await authority.issue("DNS:localhost"));
    expect(await faultOf({ ...target, tls: false })).toMatchObject({ id: "tls", code: "TLS_REQUIRED" });
  });

  it("a TLS server that requires a client certificate, addressed without TLS, is TLS_REQUIRED", async () => {
    const target = await serveWith(await authority.issue("DNS:localhost"), true, [
      "--tls-protocols",
      "TLSv1.2",
    ]);
    expect(await faultOf({ ...target, tls: false })).toMatchObject({ id: "tls", code: "TLS_REQUIRED" });
  });

  it("a TLS server that hangs up on plain text is TLS_REQUIRED", async () => {
    const { port } = await tlsServer();
    const target = { host: "127.0.0.1", port, tls: false, db: 0 };
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_REQUIRED" });
  });

  it("an alert in answer to plain text, as of servers in Go, is TLS_REQUIRED", async () => {
    const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);
    const server = createPlainServer((socket) => socket.on("data", () => socket.end(alert)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await faultOf({ host: "127.0.0.1", port, tls: false, db: 0 })).toMatchObject({
      code: "TLS_REQUIRED",
    });
    server.close();
  });

  it("a self-signed certificate is TLS_UNTRUSTED", async () => {
    const stranger = await makeAuthority();
    const target = await serveWith(stranger.own);
    expect(await faultOf(target)).toMatchObject({ id: "tls", code: "TLS_UNTRUSTED" });
    await stranger.remove();
  });

  it("a server without TLS, addressed with TLS, is TLS_NOT_OFFERED", async () => {
    redis = await startRedis();
    expect(await faultOf({ ...redis.target, tls: true })).toMatchObject({
      id: "tls",
      code: "TLS_NOT_OFFERED",
    });
    // Redis waits for the end of a line: half a second of silence is enough to ask otherwise, however long one may wait.
    const patient = await checkCache(
      { enabled: true, target: { ...redis.target, tls: true } },
      { deadlineMs: 20_000 },
    );
    expect(patient.durationMs).toBeLessThan(3000);
  });

  it("an authority named in NODE_EXTRA_CA_CERTS is trusted", async () => {
    const files = await authority.issue("DNS:localhost");
    const target = await serveWith(files);
    const program = `
      import { checkCache } from ${JSON.stringify(resolve("check/check.ts"))};
      const { verdict } = await checkCache({ enabled: true, target: ${JSON.stringify(target)} });
      console.log(verdict);
    `;
    const verdictWith = async (env: NodeJS.ProcessEnv) =>
      (await run(process.execPath, ["--input-type=module", "--eval", program], { env })).stdout.trim();
    const { NODE_EXTRA_CA_CERTS: _, ...without } = process.env;
    expect(await verdictWith({ ...without, NODE_EXTRA_CA_CERTS: files.ca })).toBe("healthy");
    expect(await verdictWith(without)).toBe("failed");
  });
});
