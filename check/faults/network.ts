/** What the errors of DNS, sockets and TLS mean. */
import type { CheckId, Code } from "../report.ts";
import { Fault } from "./fault.ts";

/** `getaddrinfo`'s answers, as Node names them. Any other is DNS itself not working. */
const DNS: Readonly<Record<string, Code>> = {
  ENOTFOUND: "DNS_NOT_FOUND",
  ENODATA: "DNS_NOT_FOUND",
  // A text that cannot be a name, as one with a zero byte.
  ERR_INVALID_ARG_VALUE: "DNS_NOT_FOUND",
};

/** errno names of sockets. */
const SOCKET: Readonly<Record<string, Code>> = {
  ECONNREFUSED: "TCP_REFUSED",
  ETIMEDOUT: "TCP_TIMEOUT",
  EHOSTUNREACH: "UNREACHABLE",
  EHOSTDOWN: "UNREACHABLE",
  ENETUNREACH: "UNREACHABLE",
  ENETDOWN: "UNREACHABLE",
  EADDRNOTAVAIL: "UNREACHABLE",
  EINVAL: "UNREACHABLE",
  // What a local firewall or a sandbox answers in place of the network.
  EACCES: "UNREACHABLE",
  EPERM: "UNREACHABLE",
  ECONNRESET: "CONNECTION_RESET",
  ECONNABORTED: "CONNECTION_RESET",
  EPIPE: "CONNECTION_RESET",
};

/** Node's names of OpenSSL's verification errors (https://nodejs.org/api/tls.html#x509-certificate-error-codes). */
const TLS: Readonly<Record<string, Code>> = {
  CERT_HAS_EXPIRED: "TLS_EXPIRED",
  CERT_NOT_YET_VALID: "TLS_EXPIRED",
  ERR_TLS_CERT_ALTNAME_INVALID: "TLS_HOSTNAME",
  HOSTNAME_MISMATCH: "TLS_HOSTNAME",
  UNABLE_TO_GET_ISSUER_CERT: "TLS_UNTRUSTED",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "TLS_UNTRUSTED",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "TLS_UNTRUSTED",
  DEPTH_ZERO_SELF_SIGNED_CERT: "TLS_UNTRUSTED",
  SELF_SIGNED_CERT_IN_CHAIN: "TLS_UNTRUSTED",
  CERT_CHAIN_TOO_LONG: "TLS_UNTRUSTED",
  CERT_REVOKED: "TLS_UNTRUSTED",
  CERT_REJECTED: "TLS_UNTRUSTED",
  CERT_UNTRUSTED: "TLS_UNTRUSTED",
  CERT_SIGNATURE_FAILURE: "TLS_UNTRUSTED",
  INVALID_CA: "TLS_UNTRUSTED",
  INVALID_PURPOSE: "TLS_UNTRUSTED",
  PATH_LENGTH_EXCEEDED: "TLS_UNTRUSTED",
};

/** Words for the errors whose own are only an abbreviation. */
const WORDS: Partial<Record<Code, string>> = {
  DNS_NOT_FOUND: "no such name",
  DNS_UNAVAILABLE: "DNS gave no answer",
  TCP_REFUSED: "refused: nothing listens there",
  TCP_TIMEOUT: "no answer to the connection attempt",
  UNREACHABLE: "no way to that address from here",
  CONNECTION_RESET: "the other side closed the connection",
};

/** The fault behind an error of `dns.lookup`. */
export function dnsFault(error: unknown): Fault {
  return fault(DNS[codeOf(error)] ?? "DNS_UNAVAILABLE", error, "dns");
}

/** The fault behind an error of a socket, before or after it was open. */
export function socketFault(error: unknown, check?: CheckId): Fault {
  return fault(SOCKET[codeOf(error)] ?? tlsCodeOf(error) ?? "CONNECTION_RESET", error, check);
}

/** The fault behind an error of a TLS handshake. */
export function tlsFault(error: unknown): Fault {
  return fault(TLS[codeOf(error)] ?? SOCKET[codeOf(error)] ?? "TLS_HANDSHAKE", error, "tls");
}

/** TLS 1.3 servers refuse a client only after the handshake. */
function tlsCodeOf(error: unknown): Code | undefined {
  return /^(ERR_SSL_|EPROTO$)/.test(codeOf(error)) ? "TLS_HANDSHAKE" : undefined;
}

function fault(code: Code, error: unknown, check?: CheckId): Fault {
  const name = codeOf(error);
  const words = WORDS[code] ?? reasonOf(error);
  const belongs = code === "TLS_HANDSHAKE" ? "tls" : check;
  return new Fault(code, name === "" ? words : `${words} (${name})`, {
    cause: error,
    ...(belongs === undefined ? {} : { check: belongs }),
  });
}

/** What an error of a connection of any kind says, and its code: of HTTP as of Redis. */
export function connectionErrorInWords(error: unknown): string {
  const name = codeOf(error);
  const code = DNS[name] ?? SOCKET[name] ?? (name.startsWith("EAI_") ? "DNS_UNAVAILABLE" : undefined);
  const words = (code && WORDS[code]) ?? reasonOf(error);
  return name === "" ? words : `${words} (${name})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/** OpenSSL's own words where there are any: its full message is a line of addresses in memory. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("reason" in error && typeof error.reason === "string") return error.reason;
  // Node's advice is for those who start Node themselves.
  return error.message.replace(/; if the root CA is installed locally.*/, "");
}
