/** The HTTPS server of the emulator: requests in, replies out, and connections that break when a test says so. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Authority } from "../tls.ts";
import type { ArmReply } from "./message.ts";

export interface RawRequest {
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  text: string;
}
/** `drop`: the connection ends without a reply. */
export type Answer = ArmReply | "drop";

export interface ArmServer {
  /** `https://127.0.0.1:port` */
  origin: string;
  /** `127.0.0.1:port` */
  host: string;
  stop(): Promise<void>;
}

export async function serve(
  authority: Authority,
  answer: (request: RawRequest) => Promise<Answer>,
  names = "IP:127.0.0.1,DNS:localhost",
): Promise<ArmServer> {
  const files = await authority.issue(names);
  const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
  const server = createServer({ cert, key }, (request, response) => {
    void respond(request, response, answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    origin: `https://${host}`,
    async stop() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: RawRequest) => Promise<Answer>,
): Promise<void> {
  try {
    const { method = "GET", headers } = request;
    const url = new URL(request.url ?? "/", `https://${headers.host ?? "127.0.0.1"}`);
    const text = Buffer.concat(await request.toArray()).toString();
    const reply = await answer({ method, url, headers, text });
    if (reply === "drop") {
      request.socket.destroy();
      return;
    }
    const body = reply.body === undefined ? "" : JSON.stringify(reply.body);
    const type = body === "" ? {} : { "Content-Type": "application/json; charset=utf-8" };
    response.writeHead(reply.status, {
      ...type,
      "Content-Length": Buffer.byteLength(body),
      ...reply.headers,
    });
    response.end(method === "HEAD" ? "" : body);
  } catch {
    // The client has gone away in the middle of its request.
    request.socket.destroy();
  }
}
