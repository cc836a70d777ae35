/** The tables themselves, row by row: what a machine can report is tested in the other files here. */
import { describe, expect, it } from "vitest";
import { dnsFault, socketFault, tlsFault } from "../../../check/faults/network.ts";
import { replyFault } from "../../../check/faults/replies.ts";
import type { Code } from "../../../check/report.ts";

const errorOf = (code: string) => Object.assign(new Error("words"), { code });

describe("an error of", () => {
  it.each<[Code, string[]]>([
    ["DNS_NOT_FOUND", ["ENOTFOUND", "ENODATA", "ERR_INVALID_ARG_VALUE"]],
    ["DNS_UNAVAILABLE", ["EAI_AGAIN", "EAI_FAIL", "EAI_SYSTEM", "ESERVFAIL", "ETIMEOUT", ""]],
  ])("a name is %s: %j", (code, names) => {
    for (const name of names) expect(dnsFault(errorOf(name)), name).toMatchObject({ code, check: "dns" });
  });

  it.each<[Code, string[]]>([
    ["TCP_REFUSED", ["ECONNREFUSED"]],
    ["TCP_TIMEOUT", ["ETIMEDOUT"]],
    [
      "UNREACHABLE",
      [
        ...["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "EADDRNOTAVAIL"],
        ...["EINVAL", "EACCES", "EPERM"],
      ],
    ],
    ["CONNECTION_RESET", ["ECONNRESET", "ECONNABORTED", "EPIPE", "EWHATEVER", ""]],
    ["TLS_HANDSHAKE", ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "EPROTO"]],
  ])("a socket is %s: %j", (code, names) => {
    for (const name of names) expect(socketFault(errorOf(name), "tcp").code, name).toBe(code);
  });

  it("a socket belongs to TLS where that refuses us after the handshake", () => {
    expect(socketFault(errorOf("EPROTO"), "ping").check).toBe("tls");
    expect(socketFault(errorOf("ECONNRESET"), "ping").check).toBe("ping");
  });

  it.each<[Code, string[]]>([
    ["TLS_EXPIRED", ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]],
    ["TLS_HOSTNAME", ["ERR_TLS_CERT_ALTNAME_INVALID", "HOSTNAME_MISMATCH"]],
    [
      "TLS_UNTRUSTED",
      [
        ...["UNABLE_TO_GET_ISSUER_CERT", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "INVALID_CA"],
        ...["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"],
        ...[
          "CERT_CHAIN_TOO_LONG",
          "CERT_REVOKED",
          "CERT_REJECTED",
          "CERT_UNTRUSTED",
          "CERT_SIGNATURE_FAILURE",
        ],
        ...["INVALID_PURPOSE", "PATH_LENGTH_EXCEEDED"],
      ],
    ],
    ["CONNECTION_RESET", ["ECONNRESET"]],
    ["TLS_HANDSHAKE", ["ERR_SSL_WRONG_VERSION_NUMBER", "EPROTO", ""]],
  ])("a handshake is %s: %j", (code, names) => {
    for (const name of names) expect(tlsFault(errorOf(name)), name).toMatchObject({ code, check: "tls" });
  });
});

describe("an error reply is", () => {
  it.each<[Code, string, string[]]>([
    [
      "QUOTA_EXCEEDED",
      "AUTH",
      [
        "ERR max requests limit exceeded. Limit: 500000, Usage: 500001.",
        "ERR max daily request limit exceeded.",
        "ERR max bandwidth limit exceeded",
        "ERR DB capacity quota exceeded. Threshold: 268435456 bytes",
      ],
    ],
    ["MAX_CLIENTS", "AUTH", ["ERR max number of clients reached", "ERR max concurrent connections exceeded"]],
    ["PROTECTED_MODE", "PING", ["DENIED Redis is running in protected mode"]],
    [
      "ACCESS_KEYS_DISABLED",
      "AUTH",
      ["WRONGPASS Access keys are disabled", "ERR access-key sign-in is disabled"],
    ],
    ["AUTH_REQUIRED", "SET", ["NOAUTH Authentication required.", "ERR operation not permitted"]],
    ["AUTH_FORBIDDEN", "SET", ["NOPERM this user has no permissions to run the 'set' command"]],
    [
      "AUTH_WRONG",
      "AUTH",
      ["WRONGPASS invalid username-password pair", "ERR invalid password", "ERR AUTH called"],
    ],
    ["DB_INDEX", "SELECT", ["ERR DB index is out of range", "ERR SELECT is not allowed in cluster mode"]],
    ["LOADING", "PING", ["LOADING Redis is loading the dataset in memory"]],
    ["READONLY", "SET", ["READONLY You can't write against a read only replica."]],
    ["MISCONF", "SET", ["MISCONF Redis is configured to save RDB snapshots"]],
    ["OUT_OF_MEMORY", "SET", ["OOM command not allowed when used memory > 'maxmemory'."]],
    [
      "CLUSTER_MOVED",
      "SET",
      ["MOVED 3999 10.0.0.1:6381", "ASK 3999 10.0.0.1:6381", "CROSSSLOT Keys in request"],
    ],
    ["CLUSTER_DOWN", "SET", ["CLUSTERDOWN Hash slot not served", "TRYAGAIN Multiple keys request"]],
    ["MASTER_DOWN", "GET", ["MASTERDOWN Link with MASTER is down"]],
    ["BUSY_SCRIPT", "PING", ["BUSY Redis is busy running a script."]],
    ["PROTOCOL_ERROR", "PING", ["ERR Protocol error: expected '$', got '!'"]],
    ["REDIS_ERROR", "SET", ["ERR unknown command 'SET'", "LOADINGS x", "ERR MOVED out of the way", ""]],
  ])("%s in answer to %s: %j", (code, command, replies) => {
    for (const reply of replies) expect(replyFault(reply, command).code, reply).toBe(code);
  });
});
