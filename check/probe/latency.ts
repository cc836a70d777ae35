import { Fault } from "../faults/fault.ts";
import { replyFault } from "../faults/replies.ts";
import type { Measurements } from "../report.ts";
import type { Connection } from "../wire/connection.ts";
import { ReplyError, replyInWords } from "../wire/resp.ts";
import { failure, type Run, roundMs } from "./run.ts";

/**
 * PINGs one after the other on the open connection, and keeps their times. A fault half-way leaves the times so far.
 * @throws Fault
 */
export async function measureLatency(connection: Connection, samples: number, run: Run): Promise<void> {
  run.onStage("latency");
  const times: number[] = [];
  try {
    while (times.length < samples) {
      const startedAt = performance.now();
      const [reply] = await connection.exchange(["PING"]);
      times.push(performance.now() - startedAt);
      if (reply instanceof ReplyError) throw replyFault(reply.text, "PING");
      if (reply !== "PONG")
        throw new Fault("PROTOCOL_ERROR", `PING was answered with: ${replyInWords(reply)}`);
    }
  } catch (error) {
    const soFar = times.reduce((sum, time) => sum + time, 0);
    if (error instanceof Fault) run.found.push(failure(error, "latency", roundMs(soFar)));
    throw error;
  } finally {
    const summary = summarise(times);
    if (summary !== undefined) run.measurements.latencyMs = summary;
  }
}

/** Percentiles by nearest rank: always times that were really measured. */
export function summarise(times: readonly number[]): Measurements["latencyMs"] {
  const sorted = times.toSorted((a, b) => a - b);
  const max = sorted.at(-1);
  if (max === undefined) return undefined;
  const rank = (share: number) => roundMs(sorted[Math.ceil(share * sorted.length) - 1] ?? max);
  return { p50: rank(0.5), p95: rank(0.95), max: roundMs(max), samples: sorted.length };
}
