/** Opening sockets to a cache, stage by stage. */
import type { LookupAddress } from "node:dns";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { Fault } from "../faults/fault.ts";
import { socketFault, tlsFault } from "../faults/network.ts";
import { opened } from "./opened.ts";

/** Where to connect, after its name was looked up. */
export interface Place {
  host: string;
  port: number;
  addresses: readonly LookupAddress[];
}

export interface TcpConnection {
  socket: Socket;
  /** What the network took for a round trip: of several addresses only the one that answered counts. */
  roundTripMs: number;
}

/** @throws Fault TCP_REFUSED, TCP_TIMEOUT, UNREACHABLE, CONNECTION_RESET */
export async function openTcp({ host, port, addresses }: Place, signal: AbortSignal): Promise<TcpConnection> {
  let startedAt = performance.now();
  const socket = connect({
    host,
    port,
    noDelay: true,
    // All of them: Node gives each a try, so that a dead IPv6 does not stop a working IPv4.
    lookup: (_host, _options, callback) => callback(null, [...addresses]),
  });
  socket.on("connectionAttempt", () => {
    startedAt = performance.now();
  });
  let roundTripMs = 0;
  socket.once("connect", () => {
    roundTripMs = performance.now() - startedAt;
  });
  await opened(socket, "connect", signal, (error) =>
    error === undefined
      ? new Fault("TCP_TIMEOUT", "no answer to the connection attempt", { check: "tcp" })
      : socketFault(error, "tcp"),
  );
  return { socket, roundTripMs };
}

/**
 * TLS on an open socket, the certificate verified against the machine's authorities and the host.
 * @throws Fault TLS_EXPIRED, TLS_UNTRUSTED, TLS_HOSTNAME, TLS_HANDSHAKE, CONNECTION_RESET, TIMEOUT
 */
export function openTls(socket: Socket, host: string, signal: AbortSignal): Promise<TLSSocket> {
  // An address cannot be a server name (RFC 6066); the certificate is checked against it all the same.
  const name = isIP(host) === 0 ? { servername: host } : {};
  // Said here, since the environment (NODE_TLS_REJECT_UNAUTHORIZED=0) decides otherwise.
  const secure = connectTls({ socket, host, ...name, rejectUnauthorized: true });
  return opened(secure, "secureConnect", signal, (error) =>
    error === undefined
      ? new Fault("TIMEOUT", "no answer to the TLS handshake", { check: "tls" })
      : tlsFault(error),
  );
}
