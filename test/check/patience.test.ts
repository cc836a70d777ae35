import { afterEach, describe, expect, it } from "vitest";
import { checkWithPatience } from "../../check/patience.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { error, startRespServer } from "../support/resp-server.ts";

let redis: TestRedis | undefined;
afterEach(async () => {
  await redis?.stop();
  redis = undefined;
});
const subjectAt = (port: number, password?: string) => ({
  enabled: true,
  target: { host: "127.0.0.1", port, tls: false, db: 0, ...(password === undefined ? {} : { password }) },
});

describe("patience", () => {
  it("waits for a server that does not exist yet, and says so", async () => {
    const port = await freePort();
    const waits: { code: string | undefined; secondsLeft: number }[] = [];
    const report = await checkWithPatience(subjectAt(port), {
      waitSeconds: 60,
      onWait: ({ checks }, secondsLeft) => {
        waits.push({ code: checks.find(({ status }) => status === "fail")?.code, secondsLeft });
        if (waits.length === 2) void startRedis({ port }).then((started) => (redis = started));
      },
    });
    expect(report.verdict).toBe("healthy");
    expect(waits[0]?.code).toBe("TCP_REFUSED");
    expect(waits[1]?.secondsLeft).toBeLessThan(waits[0]?.secondsLeft ?? 0);
    await expect.poll(() => redis).toBeDefined();
  });

  it("ends with the last report when the time is over", async () => {
    const report = await checkWithPatience(subjectAt(await freePort()), { waitSeconds: 0.3 });
    expect(report.checks.find(({ status }) => status === "fail")?.code).toBe("TCP_REFUSED");
  });

  it("does not wait for a wrong password to become right", async () => {
    redis = await startRedis({ password: "right" });
    const waits: unknown[] = [];
    const report = await checkWithPatience(subjectAt(redis.port, "wrong"), {
      waitSeconds: 60,
      onWait: (each) => waits.push(each),
    });
    expect(report.checks.find(({ status }) => status === "fail")?.code).toBe("AUTH_WRONG");
    expect(waits).toEqual([]);
  });

  it.each([
    ["LOADING Redis is loading", true],
    ["MASTERDOWN Link with MASTER is down", true],
    ["CLUSTERDOWN Hash slot not served", true],
    ["WRONGPASS no", false],
    ["NOPERM no", false],
    ["ERR max requests limit exceeded", false],
    ["ERR max number of clients reached", false],
    ["DENIED no", false],
    ["OOM no", false],
    ["READONLY no", false],
    ["MOVED 1 a:1", false],
    ["ERR unknown command", false],
  ])("%s: waits, since that ends by itself (%s)", async (reply, waits) => {
    const server = await startRespServer({ SET: error(reply) });
    const controller = new AbortController();
    const ends = checkWithPatience(subjectAt(server.port), {
      waitSeconds: 60,
      signal: controller.signal,
      onWait: () => controller.abort("waits"),
    }).then(() => "ends", String);
    expect(await ends).toBe(waits ? "waits" : "ends");
    await server.stop();
  });

  it("ends with the caller's reason, also between two attempts", async () => {
    const controller = new AbortController();
    const waiting = checkWithPatience(subjectAt(await freePort()), {
      waitSeconds: 60,
      signal: controller.signal,
      onWait: () => controller.abort(new Error("never mind")),
    });
    await expect(waiting).rejects.toThrow("never mind");
  });
});
