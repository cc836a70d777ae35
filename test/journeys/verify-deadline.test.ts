/** A pipeline that has given the check so many seconds: the process has ended by then, whatever delays it. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startRedis } from "../../rehearsal/redis-server.ts";
import { runCli } from "../support/cli.ts";
import { lacks } from "../support/parts.ts";
import { canSilenceDns, type SilentDns, silentDns } from "../support/silent-dns.ts";

/** For the processes around the check on a busy machine. Less than the 10 s for which Node waits for its resolver. */
const STARTS_MS = 6000;
const withoutDns = lacks("unshare, mount and ip", await canSilenceDns());
let dns: SilentDns | undefined;
beforeAll(async () => {
  if (!withoutDns) dns = await silentDns();
});
afterAll(() => dns?.remove());

it.skipIf(withoutDns)(
  "a name for which DNS never answers holds up neither the report nor the exit",
  async () => {
    const env = { REDIS_HOST: "cache.example" };
    const run = await runCli(["verify", "--deadline", "1"], { env, within: dns?.within ?? [] });
    expect(run.code, run.stderr).toBe(1);
    expect(run.stdout).toContain("DNS_UNAVAILABLE");
    expect(run.tookMs).toBeLessThan(1000 + 500 + STARTS_MS);
  },
);

it("a server that was stopped holds up neither the report nor the exit", async () => {
  const redis = await startRedis();
  redis.signal("SIGSTOP");
  const env = { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port) };
  const run = await runCli(["verify", "--deadline", "1"], { env });
  await redis.stop();
  expect([run.code, run.stderr]).toEqual([1, ""]);
  expect(run.stdout).toContain("TIMEOUT");
  expect(run.tookMs).toBeLessThan(1000 + 500 + STARTS_MS);
});
