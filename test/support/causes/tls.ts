/** Certificates, and the two sides' words about TLS. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer as createPlainServer } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { makeAuthority } from "../../../rehearsal/tls.ts";
import type { Cause, Scene, Stage } from "./cause.ts";

type Issue = (stage: Stage) => Promise<{ cert: string; key: string; ca: string }>;

export const TLS_CAUSES: readonly Cause[] = [
  {
    code: "TLS_EXPIRED",
    when: "the certificate's time is over",
    make: serving((stage) => stage.authority.issue("DNS:localhost", { from: -3, to: -1 })),
  },
  {
    code: "TLS_EXPIRED",
    when: "the certificate's time has not begun",
    make: serving((stage) => stage.authority.issue("DNS:localhost", { from: 2, to: 3 })),
  },
  {
    code: "TLS_HOSTNAME",
    when: "the certificate is another host's",
    make: serving((stage) => stage.authority.issue("DNS:other.example")),
  },
  {
    code: "TLS_HOSTNAME",
    when: "an address is used, and the certificate has only the name",
    make: serving((stage) => stage.authority.issue("DNS:localhost"), { REDIS_HOST: "127.0.0.1" }),
  },
  {
    code: "TLS_UNTRUSTED",
    when: "nobody knows the authority",
    make: serving(async (stage) => (await stranger(stage)).issue("DNS:localhost")),
  },
  {
    code: "TLS_UNTRUSTED",
    when: "the certificate signed itself",
    make: serving(async (stage) => (await stranger(stage)).own),
  },
  {
    code: "TLS_UNTRUSTED",
    when: "the server leaves out the authority in between",
    async make(stage) {
      const { cert, key } = await (await stranger(stage)).issue("DNS:localhost");
      return await tlsServer(stage, { cert: await readFile(cert), key: await readFile(key) });
    },
  },
  {
    code: "TLS_HANDSHAKE",
    when: "the server wants a client's certificate",
    make: serving((stage) => stage.authority.issue("DNS:localhost"), {}, { clientCertificates: true }),
  },
  {
    code: "TLS_HANDSHAKE",
    when: "the server speaks only TLS 1.1",
    async make(stage) {
      const { cert, key } = await stage.authority.issue("DNS:localhost");
      const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
      return await tlsServer(stage, { cert: await readFile(cert), key: await readFile(key), ...old });
    },
  },
  {
    code: "TLS_REQUIRED",
    when: "redis:// is written where rediss:// is spoken",
    make: serving((stage) => stage.authority.issue("DNS:localhost"), { REDIS_TLS: "false" }),
  },
  {
    code: "TLS_REQUIRED",
    when: "an alert answers plain text, as of servers in Go",
    async make({ after, at }) {
      const alert = Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46]);
      const server = createPlainServer((socket) => socket.on("data", () => socket.end(alert)));
      await once(server.listen(0, "127.0.0.1"), "listening");
      after(() => server.close());
      return { env: at((server.address() as AddressInfo).port) };
    },
  },
  {
    code: "TLS_NOT_OFFERED",
    when: "rediss:// is written where redis:// is spoken",
    async make({ redis, at }) {
      const server = await redis();
      return { env: at(server.port, { REDIS_TLS: "true" }), redis: server };
    },
  },
];

function serving(issue: Issue, change = {}, more: { clientCertificates?: boolean } = {}): Cause["make"] {
  return async (stage) => {
    const server = await stage.redis({ tls: { ...(await issue(stage)), ...more } });
    return { env: secured(stage, server.port, change), redis: server };
  };
}

async function tlsServer(stage: Stage, options: TlsOptions): Promise<Scene> {
  const server = createServer(options, (socket) => socket.on("error", () => {}));
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  stage.after(() => server.close());
  return { env: secured(stage, (server.address() as AddressInfo).port) };
}

function secured(stage: Stage, port: number, change = {}): Record<string, string> {
  const trust = { NODE_EXTRA_CA_CERTS: stage.authority.own.ca };
  return stage.at(port, { REDIS_HOST: "localhost", REDIS_TLS: "true", ...trust, ...change });
}

async function stranger(stage: Stage) {
  const authority = await makeAuthority();
  stage.after(authority.remove);
  return authority;
}
