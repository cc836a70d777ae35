/**
 * Azure Blob Storage, as far as Pulumi keeps state in it: a container of block blobs on loopback, behind a SAS token, or
 * under the account's own name for those who are signed in.
 * Operations and headers: https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api; which of them are
 * used: gocloud.dev/blob/azureblob. What is not here is refused.
 */
import { createHash, randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Azure } from "../../rehearsal/azure/emulator.ts";

export type DataRole = "Storage Blob Data Reader" | "Storage Blob Data Contributor";

export interface StateStore {
  /** What a machine gets in addition to the back end's URL, to find the account here and to be let in by a SAS token. */
  env: Record<string, string>;
  /** The account's own name and port, for those who are signed in. */
  host: string;
  port: number;
  /** Of who is signed in, by object id: only these may do anything. */
  roles: Map<string, DataRole>;
  /** As in PULUMI_BACKEND_URL. */
  url: string;
  /** Names of blobs, sorted. */
  names(): string[];
  read(name: string): string | undefined;
  /** Names of blobs that were written or removed, in order. */
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
const HOST = `${ACCOUNT}.blob.core.windows.net`;

/** @param azure whose users are let in, over TLS; where absent, a SAS token lets in, without */
export async function startStateStore(azure?: Azure): Promise<StateStore> {
  const signature = randomBytes(32).toString("base64");
  const blobs = new Map<string, Blob>();
  const blocks = new Map<string, Buffer>();
  const roles: StateStore["roles"] = new Map();
  const written: string[] = [];
  const admit = azure === undefined ? bySignature(signature) : bySignIn(azure, roles);
  const server = await serverFor(azure, (request, response) => {
    answer(request, { blobs, blocks, admit, written }).then(
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
    host: `${HOST}:443`,
    port,
    roles,
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
  admit: Admit;
  written: string[];
}

/** @returns why a user is not let in; nothing where he is */
type Admit = (request: IncomingMessage, url: URL) => Reply | undefined;

const bySignature =
  (signature: string): Admit =>
  (_, url) =>
    url.searchParams.get("sig") === signature ? undefined : refused(403, "AuthenticationFailed");

function bySignIn(azure: Azure, roles: StateStore["roles"]): Admit {
  return ({ headers, method }) => {
    const { authorization } = headers;
    // Anonymous requests find a private container to be none: Microsoft's page "Anonymous read access".
    if (authorization === undefined) return refused(404, "ResourceNotFound");
    let caller: string;
    try {
      caller = azure.storageCaller(authorization);
    } catch {
      return refused(401, "InvalidAuthenticationInfo", "Server failed to authenticate the request.");
    }
    const role = roles.get(caller);
    const reads = method === "GET" || method === "HEAD";
    if (role === "Storage Blob Data Contributor" || (role !== undefined && reads)) return undefined;
    // pulumi/pulumi#13984
    const words = "This request is not authorized to perform this operation using this permission.";
    return refused(403, "AuthorizationPermissionMismatch", words);
  };
}

async function serverFor(azure: Azure | undefined, listener: RequestListener) {
  if (azure === undefined) return createServer(listener);
  const files = await azure.authority.issue(`DNS:${HOST}`);
  const [cert, key] = await Promise.all([readFile(files.cert), readFile(files.key)]);
  return createTlsServer({ cert, key }, listener);
}

async function answer(request: IncomingMessage, store: Store): Promise<Reply> {
  const url = new URL(request.url ?? "", "http://store");
  const bytes = await bodyOf(request);
  const refusal = store.admit(request, url);
  if (refusal !== undefined) return refusal;
  if (request.method !== "GET" && request.method !== "HEAD") store.written.push(url.pathname);
  const { host } = request.headers;
  const [account, container, ...rest] = segmentsOf(new URL(url.pathname, `http://${host}`));
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

/** Account, container, name: under the account's own name, its host names it; on loopback, the path. */
function segmentsOf({ hostname, pathname }: URL): string[] {
  const segments = pathname.split("/").slice(1).map(decodeURIComponent);
  return hostname === HOST ? [ACCOUNT, ...segments] : segments;
}

function put({ blobs }: Store, name: string, bytes: Buffer, request: IncomingMessage): Reply {
  if (request.headers["if-none-match"] === "*" && blobs.has(name)) return refused(409, "BlobAlreadyExists");
  const type = String(request.headers["x-ms-blob-content-type"] ?? "application/octet-stream");
  const blob = { bytes, type, at: new Date(), etag: `"${randomUUID()}"` };
  blobs.set(name, blob);
  return { status: 201, headers: { etag: blob.etag, "last-modified": blob.at.toUTCString() } };
}

function copy(store: Store, name: string, source: string): Reply {
  const from = segmentsOf(new URL(source)).slice(2).join("/");
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

function refused(status: number, code: string, message = code): Reply {
  return {
    status,
    headers: { "x-ms-error-code": code, "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${xml(code)}</Code><Message>${xml(message)}</Message></Error>`,
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
