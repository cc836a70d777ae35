import type { Finding } from "../finding.ts";
import { latencyInWords, NETWORK_TIME } from "../words.ts";
import type { Evidence } from "./evidence.ts";

/**
 * The p50 of the round trips, less the network's own: a distant cache is not a slow one, and one odd sample is no
 * judgement.
 */
export function judgeLatency({ measurements, expect }: Evidence): Finding {
  const { latencyMs, networkMs } = measurements;
  const id = "latency";
  if (latencyMs === undefined) return { id, status: "skip", observed: "not measured" };
  // A process connects for the first time, which takes longer than the network itself: the result would be negative.
  const serverMs = Math.max(0, latencyMs.p50 - (networkMs ?? 0));
  const times = `p50 ${latencyInWords(latencyMs.p50)}, slowest ${latencyInWords(latencyMs.max)} of ${latencyMs.samples}`;
  const network = networkMs === undefined ? "" : `; ${NETWORK_TIME} ${latencyInWords(networkMs)}`;
  const observed = times + network;
  if (serverMs > expect.responseMaxMs)
    return {
      id,
      status: "warn",
      code: "RESPONSE_SLOW",
      observed,
      expected: `at most ${expect.responseMaxMs} ms`,
    };
  const word = serverMs > expect.responseGoodMs ? ": acceptable" : "";
  return { id, status: "pass", observed: observed + word, expected: `up to ${expect.responseGoodMs} ms` };
}
