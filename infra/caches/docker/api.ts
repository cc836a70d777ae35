/** Docker's HTTP API on a local socket, pipe or port. Reference: docs.docker.com/reference/api/engine. */
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";

export interface DockerAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body as it came; JSON for most calls. */
  text: string;
}

export interface DockerCall {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query, without a version: the engine then takes its own newest. */
  path: string;
  /** Sent as JSON; bytes as a tar archive. */
  body?: object | Uint8Array;
  /** Milliseconds of silence after which the call is given up. */
  timeoutMs: number;
}

/** Why an address cannot be asked from here, or nothing where it can. */
export function unreachableKind(host: string): string | undefined {
  const url = URL.parse(host);
  if (url === null) return "is not a Docker address";
  if (url.protocol === "unix:" || url.protocol === "npipe:") return undefined;
  if (url.protocol === "tcp:" || url.protocol === "http:") {
    const local = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
    return local ? undefined : "is an engine of another machine: the cache's port would open there, not here";
  }
  return `cannot be asked from here (${url.protocol}//)`;
}

/** Asks the engine at an address that `unreachableKind` has nothing against. Rejects with node's own errors. */
export function callDocker(host: string, call: DockerCall): Promise<DockerAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<DockerAnswer>();
  const isArchive = call.body instanceof Uint8Array;
  const body =
    isArchive || call.body === undefined ? (call.body as Uint8Array | undefined) : JSON.stringify(call.body);
  const options: RequestOptions = {
    ...address(host),
    method: call.method,
    path: call.path,
    // A socket of its own for each call: an engine that restarts leaves no dead connection behind.
    agent: false,
    headers: {
      host: "docker",
      ...(body === undefined
        ? {}
        : {
            "content-type": isArchive ? "application/x-tar" : "application/json",
            "content-length": Buffer.byteLength(body),
          }),
    },
  };
  const request = httpRequest(options, (response) => {
    const parts: Buffer[] = [];
    response.on("data", (part: Buffer) => parts.push(part));
    response.on("error", reject);
    response.on("end", () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: Buffer.concat(parts).toString("utf8"),
      }),
    );
  });
  request.on("error", reject);
  request.setTimeout(call.timeoutMs, () =>
    request.destroy(
      Object.assign(new Error(`no answer within ${call.timeoutMs / 1000} s`), { code: "ETIMEDOUT" }),
    ),
  );
  request.end(body);
  return promise;
}

function address(host: string): RequestOptions {
  if (host.startsWith("unix://")) return { socketPath: host.slice("unix://".length) };
  if (host.startsWith("npipe://")) {
    return { socketPath: host.slice("npipe://".length).replaceAll("/", "\\") };
  }
  const url = new URL(host.replace(/^tcp:/, "http:"));
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: url.port || "2375" };
}
