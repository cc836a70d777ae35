/** What the error replies of Redis and of its providers mean. */
import type { Code } from "../report.ts";
import { Fault } from "./fault.ts";

/**
 * The first row that fits decides. Redis's own replies: src/server.c, networking.c and cluster.c of 5.0 to 8.0.
 * Upstash's: upstash.com/docs/redis/troubleshooting (read 2026-11).
 */
const REPLIES: readonly (readonly [RegExp, Code])[] = [
  // Before everything else: Upstash says it in answer to AUTH too, where it is not a wrong password.
  [/max (daily )?requests? limit exceeded|max bandwidth|quota exceeded/i, "QUOTA_EXCEEDED"],
  [/max number of clients|max concurrent connections exceeded/i, "MAX_CLIENTS"],
  [/^DENIED\b/, "PROTECTED_MODE"],
  [/access[- ]keys?\b.*\bdisabled/i, "ACCESS_KEYS_DISABLED"],
  [/^NOAUTH\b|^ERR operation not permitted/i, "AUTH_REQUIRED"],
  [/^NOPERM\b/, "AUTH_FORBIDDEN"],
  [/^LOADING\b/, "LOADING"],
  [/^READONLY\b/, "READONLY"],
  [/^MISCONF\b/, "MISCONF"],
  [/^OOM\b/, "OUT_OF_MEMORY"],
  [/^(MOVED|ASK|CROSSSLOT)\b/, "CLUSTER_MOVED"],
  [/^(CLUSTERDOWN|TRYAGAIN)\b/, "CLUSTER_DOWN"],
  [/^MASTERDOWN\b/, "MASTER_DOWN"],
  [/^BUSY\b/, "BUSY_SCRIPT"],
  [/^ERR Protocol error/i, "PROTOCOL_ERROR"],
];

/**
 * What any other refusal of these commands means, in whichever words. That includes a password where the server has
 * none: redis-py refuses to continue, so it is no less wrong.
 */
const BY_COMMAND: Readonly<Record<string, Code>> = { AUTH: "AUTH_WRONG", SELECT: "DB_INDEX" };

/**
 * @param reply the text of an error reply, without its leading `-`
 * @param command the command that it answers, in capitals
 */
export function replyFault(reply: string, command: string): Fault {
  const row = REPLIES.find(([pattern]) => pattern.test(reply));
  const code = row?.[1] ?? BY_COMMAND[command] ?? "REDIS_ERROR";
  // Whichever command was the first to be refused without a password.
  const check = code === "AUTH_REQUIRED" ? ({ check: "auth" } as const) : {};
  return new Fault(code, `${command} was answered with: ${reply}`, check);
}
