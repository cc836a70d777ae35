// @module-tag pipeline
/** Our figures beside those of Redis's own tool, on the same server. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import { summarise } from "../../../check/probe/latency.ts";
import { type FaultProxy, startProxy } from "../../../rehearsal/fault-proxy.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { lacks } from "../../support/parts.ts";

const run = promisify(execFile);
const hasTool = await run("redis-cli", ["--version"]).then(
  () => true,
  () => false,
);
let redis: TestRedis;
let distant: FaultProxy;
beforeAll(async () => {
  redis = await startRedis();
  distant = await startProxy({ to: redis.port, delayMs: 50 });
});
afterAll(async () => {
  await distant.stop();
  await redis.stop();
});

it("percentiles are times that were measured, by nearest rank", () => {
  const times = (count: number) => Array.from({ length: count }, (_, index) => count - index);
  expect(summarise(times(10))).toEqual({ p50: 5, p95: 10, max: 10, samples: 10 });
  expect(summarise(times(20))).toEqual({ p50: 10, p95: 19, max: 20, samples: 20 });
  expect(summarise(times(3))).toEqual({ p50: 2, p95: 3, max: 3, samples: 3 });
  expect(summarise([7.00049])).toEqual({ p50: 7, p95: 7, max: 7, samples: 1 });
  expect(summarise([])).toBeUndefined();
});

/** Milliseconds, the mean of as many PINGs as fit into a second: `min max avg count` where nobody looks on. */
async function byTheTool(port: number): Promise<number> {
  const { stdout } = await run("redis-cli", ["-p", String(port), "--latency", "--raw"]);
  return Number(stdout.trim().split(/\s+/)[2]);
}
async function byUs(port: number, samples: number): Promise<number> {
  const target = { ...redis.target, port };
  const { measurements } = await checkCache({ enabled: true, target }, { samples, deadlineMs: 30_000 });
  return measurements.latencyMs?.p50 ?? Number.NaN;
}
/** A second and more each: as long as a busy machine may need to be quiet for one of them. */
const ROUNDS = 50;

it.skipIf(lacks("redis-cli", hasTool)).each([
  ["nearby", () => redis.port, 500],
  ["behind 50 ms", () => distant.port, 20],
] as const)(
  "%s, agrees with redis-cli --latency to within a tenth or 0.1 ms",
  async (_where, portOf, samples) => {
    // In turn, and the quietest round of each: what else the machine does only ever makes an answer later, so the
    // longer one looks, the closer both come to what the server itself takes.
    const times = { tool: Number.POSITIVE_INFINITY, ours: Number.POSITIVE_INFINITY };
    const agree = () => Math.abs(times.ours - times.tool) <= Math.max(0.1, times.tool * 0.1);
    for (let round = 0; round < ROUNDS && !agree(); round++) {
      times.tool = Math.min(times.tool, await byTheTool(portOf()));
      times.ours = Math.min(times.ours, await byUs(portOf(), samples));
    }
    expect(agree(), JSON.stringify(times)).toBe(true);
  },
);
