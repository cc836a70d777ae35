import type { Finding } from "../finding.ts";
import { latencyInWords } from "../words.ts";
import type { Evidence } from "./evidence.ts";

/**
 * The median answer, less what the network alone takes for a round trip: a distant cache is not a slow one, and one
 * odd sample is no judgement.
 */
export function judgeLatency({ measurements, expect }: Evidence): Finding {
  const { latencyMs, networkMs = 0 } = measurements;
  const id = "latency";
  if (latencyMs === undefined) return { id, status: "skip", observed: "not measured" };
  // Connecting also takes the time of a process that does it for the first time; no network takes longer than an answer.
  const roundTripMs = Math.min(networkMs, latencyMs.p50);
  const serverMs = latencyMs.p50 - roundTripMs;
  const times = `median ${latencyInWords(latencyMs.p50)}, slowest ${latencyInWords(latencyMs.max)} of ${latencyMs.samples}`;
  const observed = `${times}; the network alone ${latencyInWords(roundTripMs)}`;
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
