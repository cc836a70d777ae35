/** The front door of an App Service: HTTPS at an address of its own, passing each request to a worker. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Authority } from "../tls.ts";
import { type Health, healthReply } from "./app-runner-health.ts";

/** Requests other than for the health document, by what came of them. */
export interface RequestCounts {
  /** The app answered, with less than 500. */
  served: number;
  /** The app answered with 500 or more. */
  failed: number;
  /** There was no worker to ask: 503. What a restart costs. */
  refused: number;
  /** The worker went away under the request: 502. What a restart costs, too. */
  broken: number;
}

export interface Destination {
  port: number;
  health: Health;
  /** When the worker has no more to do with this request. */
  release(): void;
}

export interface FrontDoor {
  /** `127.0.0.1:port`, with a certificate for that address: one that every proxy setting leaves out. */
  host: string;
  counts: RequestCounts;
  close(): Promise<void>;
}

export const HEALTH_PATH = "/health";
const ADDRESS = "127.0.0.1";

/**
 * @param route the worker for the next request; nothing where there is none (503). It may wait, as the platform does
 *   while a worker starts.
 */
export async function startFrontDoor(
  authority: Authority,
  route: () => Promise<Destination | undefined>,
): Promise<FrontDoor> {
  const files = await authority.issue(`IP:${ADDRESS}`);
  const counts: RequestCounts = { served: 0, failed: 0, refused: 0, broken: 0 };
  const tls = { cert: await readFile(files.cert), key: await readFile(files.key) };
  const server = createServer(tls, async (incoming, reply) => {
    const path = (incoming.url ?? "/").split("?")[0];
    const count = (what: keyof RequestCounts) => {
      if (path !== HEALTH_PATH) counts[what] += 1;
    };
    const destination = await route();
    if (destination === undefined) {
      count("refused");
      // As the service says it: https://learn.microsoft.com/en-us/azure/app-service/troubleshoot-http-502-http-503
      reply.writeHead(503, { "content-type": "text/html" }).end("<h1>503 - Service Unavailable</h1>");
      return;
    }
    // A client that closed its connection waits for no answer, and the worker's restart waits for no such client.
    const client = new AbortController();
    reply.once("close", () => client.abort());
    const asked: Asked = { incoming, reply, signal: client.signal };
    try {
      if (path === HEALTH_PATH) await passHealth(asked, destination);
      else await pass(asked, destination.port);
      count(reply.statusCode < 500 ? "served" : "failed");
    } catch (error) {
      if (client.signal.aborted) return;
      if (reply.headersSent) reply.destroy();
      else reply.writeHead(502, { "content-type": "text/plain" }).end(`502 - Bad Gateway (${String(error)})`);
      count("broken");
    } finally {
      destination.release();
    }
  });
  server.listen(0, ADDRESS);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    host: `${ADDRESS}:${port}`,
    counts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Asked {
  incoming: IncomingMessage;
  reply: ServerResponse;
  /** Aborted when the client closes its connection. */
  signal: AbortSignal;
}

async function ask({ incoming, signal }: Asked, port: number): Promise<IncomingMessage> {
  const { method, url, headers } = incoming;
  const forwarded = { ...headers, "x-forwarded-proto": "https", connection: "close" };
  const outgoing = request({
    host: "127.0.0.1",
    port,
    ...(method === undefined ? {} : { method }),
    path: url ?? "/",
    headers: forwarded,
    signal,
    // A connection of its own: one that is kept may be closed by the worker just as it is used.
    agent: false,
  });
  incoming.pipe(outgoing);
  const [response] = await once(outgoing, "response");
  return response;
}

async function pass(asked: Asked, port: number): Promise<void> {
  const { reply } = asked;
  const response = await ask(asked, port);
  const { connection: _, "transfer-encoding": __, ...headers } = response.headers;
  reply.writeHead(response.statusCode ?? 502, headers);
  for await (const piece of response) reply.write(piece);
  reply.end();
}

async function passHealth(asked: Asked, { port, health }: Destination): Promise<void> {
  const { reply } = asked;
  const response = await ask(asked, port);
  let body = "";
  for await (const piece of response.setEncoding("utf8")) body += piece;
  const contentType = response.headers["content-type"] ?? "text/plain";
  const answer = healthReply(health, { status: response.statusCode ?? 502, contentType, body });
  reply.writeHead(answer.status, { "content-type": answer.contentType }).end(answer.body);
}
