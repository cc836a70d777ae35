/**
 * Azure Blob Storage, as far as Pulumi keeps state in it: a container of block blobs behind a SAS token, on loopback.
 * Operations and headers: https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api; which of them are
 * used: gocloud.dev/blob/azureblob. What is not here is refused.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface StateStore {
  /** What a machine is told, besides the back end's URL, to find the account here and to be let in. */
  env: Record<string, string>;
  /** As in PULUMI_BACKEND_URL. */
  url: string;
  /** Names of blobs, sorted. */
  names(): string[];
  read(name: string): string | undefined;
  /** Names of blobs that were written or taken away, in order. */
  written: readonly string[];
  stop(): Promise<void>;
}

interface Blob {
  bytes: Buffer;
  type: string;
  at: Date;
  etag: string;
}
interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

const ACCOUNT = "propiqstate";
const CONTAINER = "propiq-state";

export async function startStateStore(): Promise<StateStore> {
  const signature = randomBytes(32).toString("base64");
  const blobs = new Map<string, Blob>();
  const blocks = new Map<string, Buffer>();
  const written: string[] = [];
  const server = createServer((request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") written.push(request.url?.split("?")[0] ?? "");
    answer(request, { blobs, blocks, signature }).then(
      ({ status, headers = {}, body = "" }) => {
        response.writeHead(status, {
          "x-ms-request-id": randomUUID(),
          "x-ms-version": "2025-11-05",
          date: new Date().toUTCString(),
          ...(request.method === "HEAD" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
          ...headers,
        });
        response.end(request.method === "HEAD" ? undefined : body);
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `azblob://${CONTAINER}?storage_account=${ACCOUNT}`,
    env: {
      AZURE_STORAGE_DOMAIN: `127.0.0.1:${port}`,
      AZURE_STORAGE_PROTOCOL: "http",
      AZURE_STORAGE_IS_LOCAL_EMULATOR: "true",
      AZURE_STORAGE_SAS_TOKEN: `sv=2025-11-05&sr=c&sp=racwdl&sig=${encodeURIComponent(signature)}`,
    },
    written,
    names: () => [...blobs.keys()].toSorted(),
    read: (name) => blobs.get(name)?.bytes.toString(),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

interface Store {
  blobs: Map<string, Blob>;
  /** Staged and not committed yet, by blob and block id. */
  blocks: Map<string, Buffer>;
  signature: string;
}

async function answer(request: IncomingMessage, store: Store): Promise<Reply> {
  const url = new URL(request.url ?? "", "http://store");
  const bytes = await bodyOf(request);
  if (url.searchParams.get("sig") !== store.signature) return refused(403, "AuthenticationFailed");
  const [, account, container, ...rest] = url.pathname.split("/").map(decodeURIComponent);
  if (account !== ACCOUNT || container !== CONTAINER) return refused(404, "ContainerNotFound");
  const name = rest.join("/");
  const operation = [
    request.method,
    url.searchParams.get("comp") ?? (request.headers["x-ms-copy-source"] === undefined ? "" : "copy"),
    name === "" ? "container" : "",
  ]
    .filter(Boolean)
    .join(" ");
  const operations: Record<string, () => Reply> = {
    "GET list container": () => list(store, url.searchParams),
    GET: () => read(store, name, String(request.headers["x-ms-range"] ?? request.headers["range"] ?? "")),
    HEAD: () => read(store, name, ""),
    PUT: () => put(store, name, bytes, request),
    "PUT block": () => {
      store.blocks.set(`${name} ${url.searchParams.get("blockid")}`, bytes);
      return { status: 201 };
    },
    "PUT blocklist": () => {
      const ids = [...bytes.toString().matchAll(/<(?:Latest|Uncommitted)>([^<]+)</g)].map(([, id]) => id);
      const parts = ids.map((id) => store.blocks.get(`${name} ${id}`));
      if (parts.includes(undefined)) return refused(400, "InvalidBlockList");
      return put(store, name, Buffer.concat(parts.filter((part) => part !== undefined)), request);
    },
    "PUT copy": () => copy(store, name, String(request.headers["x-ms-copy-source"])),
    DELETE: () => (store.blobs.delete(name) ? { status: 202 } : refused(404, "BlobNotFound")),
  };
  return operations[operation]?.() ?? refused(501, `NotKnownHere ${operation}`);
}

function put({ blobs }: Store, name: string, bytes: Buffer, request: IncomingMessage): Reply {
  if (request.headers["if-none-match"] === "*" && blobs.has(name)) return refused(409, "BlobAlreadyExists");
  const type = String(request.headers["x-ms-blob-content-type"] ?? "application/octet-stream");
  const blob = { bytes, type, at: new Date(), etag: `"${randomUUID()}"` };
  blobs.set(name, blob);
  return { status: 201, headers: { etag: blob.etag, "last-modified": blob.at.toUTCString() } };
}

function copy(store: Store, name: string, source: string): Reply {
  const from = new URL(source).pathname.split("/").slice(3).map(decodeURIComponent).join("/");
  const blob = store.blobs.get(from);
  if (blob === undefined) return refused(404, "CannotVerifyCopySource");
  store.blobs.set(name, { ...blob, at: new Date(), etag: `"${randomUUID()}"` });
  return { status: 202, headers: { "x-ms-copy-id": randomUUID(), "x-ms-copy-status": "success" } };
}

function read({ blobs }: Store, name: string, range: string): Reply {
  const blob = blobs.get(name);
  if (blob === undefined) return refused(404, "BlobNotFound");
  const [, start = "0", end = ""] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
  const last = Math.min(end === "" ? blob.bytes.length - 1 : Number(end), blob.bytes.length - 1);
  if (range !== "" && Number(start) > last) return refused(416, "InvalidRange");
  const part = blob.bytes.subarray(Number(start), last + 1);
  return {
    status: range === "" ? 200 : 206,
    headers: {
      "content-type": blob.type,
      "content-length": String(part.length),
      ...(range === "" ? {} : { "content-range": `bytes ${start}-${last}/${blob.bytes.length}` }),
      etag: blob.etag,
      "last-modified": blob.at.toUTCString(),
      "x-ms-blob-type": "BlockBlob",
      "x-ms-creation-time": blob.at.toUTCString(),
      "accept-ranges": "bytes",
    },
    body: part,
  };
}

function list({ blobs }: Store, query: URLSearchParams): Reply {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const entries = new Map<string, string>();
  for (const [name, blob] of [...blobs].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    if (!name.startsWith(prefix)) continue;
    const end = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    const group = end < 0 ? undefined : name.slice(0, end + delimiter.length);
    if (group === undefined) entries.set(name, blobXml(name, blob));
    else entries.set(group, `<BlobPrefix><Name>${xml(group)}</Name></BlobPrefix>`);
  }
  const body = `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="${CONTAINER}"><Prefix>${xml(prefix)}</Prefix><Blobs>${[...entries.values()].join("")}</Blobs><NextMarker/></EnumerationResults>`;
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

function blobXml(name: string, { bytes, type, at, etag }: Blob): string {
  const md5 = createHash("md5").update(bytes).digest("base64");
  return `<Blob><Name>${xml(name)}</Name><Properties><Creation-Time>${at.toUTCString()}</Creation-Time><Last-Modified>${at.toUTCString()}</Last-Modified><Etag>${xml(etag)}</Etag><Content-Length>${bytes.length}</Content-Length><Content-Type>${xml(type)}</Content-Type><Content-MD5>${md5}</Content-MD5><BlobType>BlockBlob</BlobType></Properties></Blob>`;
}

function xml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function refused(status: number, code: string): Reply {
  return {
    status,
    headers: { "x-ms-error-code": code, "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${xml(code)}</Code><Message>${xml(code)}</Message></Error>`,
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
