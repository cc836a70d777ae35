/** Names, networks, and what may listen in the place of a Redis. */
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { freePort } from "../../../rehearsal/ports.ts";
import { startDropping } from "../dropping.ts";
import { silentDns } from "../silent-dns.ts";
import type { Cause, Scene, Stage } from "./cause.ts";

/** A network of its own, in which nothing but itself can be reached. */
const ALONE = ["unshare", "-rn"];

export const NETWORK_CAUSES: readonly Cause[] = [
  {
    code: "DNS_NOT_FOUND",
    when: "the name has a label of 64 letters, which cannot exist (RFC 1035)",
    make: async ({ at }) => ({ env: at(6379, { REDIS_HOST: `${"a".repeat(64)}.example` }) }),
  },
  {
    code: "DNS_UNAVAILABLE",
    when: "the machine has no network",
    make: async ({ at }) => ({ env: at(6379, { REDIS_HOST: "cache.example" }), within: ALONE }),
  },
  {
    code: "DNS_UNAVAILABLE",
    when: "the DNS server never answers",
    deadline: 1,
    async make({ at, after }) {
      const { within, remove } = await silentDns();
      after(remove);
      return { env: at(6379, { REDIS_HOST: "cache.example" }), within };
    },
  },
  {
    code: "UNREACHABLE",
    when: "no way leads to the address",
    make: async ({ at }) => ({ env: at(6379, { REDIS_HOST: "192.0.2.1" }), within: ALONE }),
  },
  {
    code: "UNREACHABLE",
    when: "no way leads to the address of IPv6",
    make: async ({ at }) => ({ env: at(6379, { REDIS_HOST: "2001:db8::1" }), within: ALONE }),
  },
  {
    code: "TCP_REFUSED",
    when: "nothing listens on the port",
    make: async ({ at }) => ({ env: at(await freePort()) }),
  },
  {
    code: "TCP_REFUSED",
    when: "nothing listens on the port of a name",
    make: async ({ at }) => ({ env: at(await freePort(), { REDIS_HOST: "localhost" }) }),
  },
  { code: "TCP_TIMEOUT", when: "a firewall drops the attempts", deadline: 1, make: dropping },
  {
    code: "CONNECTION_RESET",
    when: "the connection is reset at once",
    make: (stage) => hangUp(stage, "reset"),
  },
  {
    code: "CONNECTION_RESET",
    when: "the connection is closed at once",
    make: (stage) => hangUp(stage, "close"),
  },
  {
    code: "CONNECTION_RESET",
    when: "the TLS handshake is cut off",
    make: (stage) => hangUp(stage, "reset", { REDIS_TLS: "true" }),
  },
  {
    code: "CONNECTION_RESET",
    when: "the connection breaks while the check writes",
    async make({ redis, proxy, at }) {
      const server = await redis();
      const { port } = await proxy({
        to: server.port,
        reply: (bytes, index) => (index < 1 ? bytes : "reset"),
      });
      return { env: at(port), redis: server };
    },
  },
  {
    code: "NOT_REDIS",
    when: "a web server listens there",
    make: (stage) =>
      listening(
        stage,
        createHttpServer((_request, response) => response.end("hello")),
      ),
  },
  {
    code: "NOT_REDIS",
    when: "a web server listens there, and TLS is spoken to it",
    make: (stage) =>
      listening(
        stage,
        createHttpServer((_request, response) => response.end("hello")),
        { REDIS_TLS: "true" },
      ),
  },
  {
    code: "NOT_REDIS",
    when: "a mail server listens there",
    make: (stage) => saying(stage, "220 mail ESMTP\r\n"),
  },
  { code: "NOT_REDIS", when: "SSH listens there", make: (stage) => saying(stage, "SSH-2.0-OpenSSH_9.6\r\n") },
  { code: "NOT_REDIS", when: "POP3 listens there", make: (stage) => saying(stage, "+OK POP3 ready\r\n") },
  {
    code: "NOT_REDIS",
    when: "a flood without an end comes",
    make: (stage) =>
      listening(
        stage,
        createServer((socket) => {
          const pour = () => {
            while (!socket.destroyed && socket.write("-".padEnd(65_536, "x")));
          };
          socket.on("error", () => {}).on("drain", pour);
          pour();
        }),
      ),
  },
  {
    code: "PROTOCOL_ERROR",
    when: "replies turn into nonsense",
    async make({ redis, proxy, at }) {
      const server = await redis();
      const garbage = Buffer.from([0xff, 0x00, 0x0d, 0x0a]);
      const { port } = await proxy({
        to: server.port,
        reply: (bytes, index) => (index < 3 ? bytes : garbage),
      });
      return { env: at(port), redis: server };
    },
  },
  {
    code: "PROTOCOL_ERROR",
    when: "commands arrive spoilt",
    async make({ redis, proxy, at }) {
      const server = await redis();
      const spoilt = Buffer.from("*1\r\n!4\r\nPING\r\n");
      const { port } = await proxy({
        to: server.port,
        request: (bytes, index) => (index < 2 ? bytes : spoilt),
      });
      return { env: at(port), redis: server };
    },
  },
  {
    code: "TIMEOUT",
    when: "the server was stopped",
    deadline: 1,
    async make({ redis, at }) {
      const server = await redis();
      server.signal("SIGSTOP");
      return { env: at(server.port) };
    },
  },
  {
    code: "TIMEOUT",
    when: "the server was stopped, and TLS is spoken to it",
    deadline: 1,
    async make({ redis, at }) {
      const server = await redis();
      server.signal("SIGSTOP");
      return { env: at(server.port, { REDIS_TLS: "true" }) };
    },
  },
  {
    code: "TIMEOUT",
    when: "the server falls silent after the sign-in",
    deadline: 1,
    async make({ redis, proxy, at }) {
      const server = await redis();
      const { port } = await proxy({
        to: server.port,
        reply: (bytes, index) => (index < 1 ? bytes : "hang"),
      });
      return { env: at(port), redis: server };
    },
  },
];

async function hangUp(stage: Stage, how: "reset" | "close", change = {}): Promise<Scene> {
  const server = await stage.redis();
  const { port } = await stage.proxy({ to: server.port, connection: how });
  return { env: stage.at(port, change), redis: server };
}

function saying(stage: Stage, words: string): Promise<Scene> {
  const say = (socket: Socket) => socket.on("error", () => {}).on("data", () => socket.write(words));
  return listening(stage, createServer(say));
}

async function listening({ at, after }: Stage, server: Server, change = {}): Promise<Scene> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { env: at((server.address() as AddressInfo).port, change) };
}

async function dropping({ at, after }: Stage): Promise<Scene> {
  const { port, stop } = await startDropping();
  after(stop);
  return { env: at(port) };
}
