/** A TCP proxy in front of a real server, for the faults of networks and of what stands in between. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** `hang`: nothing more comes. `close` and `reset`: the connection ends, politely or not. */
export type Act = "hang" | "close" | "reset";

export interface ProxyOptions {
  /** The port of the real server on 127.0.0.1. */
  to: number;
  /** Milliseconds by which each piece of a reply comes later. */
  delayMs?: number;
  /** Done to a connection before anything is passed on. */
  connection?: Act;
  /** Changes a piece of what the client says. @param index of the piece, from 0, over all connections */
  request?: (bytes: Buffer, index: number) => Buffer;
  /** Changes a piece of a reply, or acts in its place. @param index of the piece, from 0, for each connection */
  reply?: (bytes: Buffer, index: number) => Buffer | Act;
}
export interface FaultProxy {
  port: number;
  /** Pieces that clients sent, over all connections: what was written at once comes as one. */
  requests: Buffer[];
  stop(): Promise<void>;
}

export async function startProxy(options: ProxyOptions): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const requests: Buffer[] = [];
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  // A small piece must not wait for the acknowledgement of the one before: that took 40 ms of its own.
  const server = createServer({ noDelay: true }, (client) => {
    keep(client);
    if (options.connection !== undefined) return act(client, options.connection);
    const upstream = connect({ port: options.to, host: "127.0.0.1", noDelay: true });
    keep(upstream);
    client.on("data", (bytes) => {
      requests.push(bytes);
      upstream.write(options.request?.(bytes, requests.length - 1) ?? bytes);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.end());
    let index = 0;
    // One after the other, so that late pieces keep their order.
    let before = Promise.resolve();
    upstream.on("data", (bytes) => {
      const result = options.reply?.(bytes, index++) ?? bytes;
      const dueMs = performance.now() + (options.delayMs ?? 0);
      before = before.then(async () => {
        // From when it came: a long way makes each piece late, and none later because of another.
        if (options.delayMs !== undefined) await sleep(Math.max(0, dueMs - performance.now()));
        if (typeof result === "string") act(client, result);
        else client.write(result);
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function act(socket: Socket, what: Act): void {
  if (what === "close") socket.end();
  if (what === "reset") socket.resetAndDestroy();
}
