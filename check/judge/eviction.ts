import type { Finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** A full cache must make room by itself, or every write of the app fails. */
export function judgeEviction({ info, evictionExpected }: Evidence): Finding {
  const { maxBytes, evictionPolicy: policy } = info;
  const id = "eviction";
  if (!evictionExpected) return { id, status: "skip", observed: "not expected of this cache" };
  if (policy === undefined || maxBytes === undefined)
    return { id, status: "skip", observed: "the server does not report it" };
  if (maxBytes === 0) return { id, status: "pass", observed: "not needed: the server has no limit" };
  return policy === "noeviction"
    ? { id, status: "warn", code: "EVICTION_OFF", observed: policy, expected: "a policy such as allkeys-lru" }
    : { id, status: "pass", observed: policy };
}
