/**
 * The way to hosts whose names are fixed: an HTTP proxy (CONNECT, RFC 9110) that leads api.upstash.com to the emulator, and
 * others where a test says so. It refuses every other host, so that nothing in a test reaches a real one.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ConnectProxy {
  /** `http://127.0.0.1:port` */
  url: string;
  /** Hosts that were asked for and refused, as `host:port`. */
  refused: readonly string[];
  /** Leads `host:port` to a port of 127.0.0.1. */
  lead(to: string, port: number): void;
  stop(): Promise<void>;
}

/** @param leads where `host:port` really is: a port of 127.0.0.1 */
export async function startConnectProxy(leads: Readonly<Record<string, number>>): Promise<ConnectProxy> {
  const ways = new Map(Object.entries(leads));
  const refused: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((request, response) => {
    // A plain HTTP request names its whole URL.
    refused.push(URL.canParse(request.url ?? "") ? new URL(request.url ?? "").host : (request.url ?? ""));
    response.writeHead(405).end();
  });
  server.on("connect", (request: IncomingMessage, client: Socket, head: Buffer) => {
    keep(client);
    const port = ways.get(request.url ?? "");
    if (port === undefined) {
      refused.push(request.url ?? "");
      client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      return;
    }
    const upstream = connect(port, "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      client.pipe(upstream).pipe(client);
    });
    keep(upstream);
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refused,
    lead: (to, port) => void ways.set(to, port),
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
