import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache, type Subject } from "../../check/check.ts";
import type { CheckId, Report } from "../../check/report.ts";
import { reportSet } from "../../check/report-set.ts";
import { startProxy } from "../../rehearsal/fault-proxy.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { seeded } from "../support/random.ts";
import { RENDERERS } from "../support/renderers.ts";
import { error, startRespServer } from "../support/resp-server.ts";

const password = "s3cr%t/+ =&é\"'<x>";

describe("a healthy cache", () => {
  let redis: TestRedis;
  let subject: Subject;
  beforeAll(async () => {
    redis = await startRedis({
      password,
      args: ["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
    });
    subject = { enabled: true, target: { ...redis.target, password }, stack: "dev", plan: "native" };
  });
  afterAll(() => redis.stop());

  it("is reported as healthy, with each check in its place", async () => {
    const report = await checkCache({ ...subject, provider: "native" });
    expect(report).toMatchObject({
      stack: "dev",
      plan: "native",
      provider: "native",
      endpoint: `127.0.0.1:${redis.port}`,
      verdict: "healthy",
      impact: "none",
    });
    expect(report.checks.map(({ id, status }) => `${id}: ${status}`)).toEqual([
      "enabled: pass",
      "dns: skip",
      "tcp: pass",
      "tls: skip",
      "auth: pass",
      "ping: pass",
      "roundtrip: pass",
      "ttl: pass",
      "cleanup: pass",
      "info: pass",
      "memory: pass",
      "eviction: pass",
      "hit-rate: skip",
      "latency: pass",
    ]);
  });

  it("is measured", async () => {
    const { measurements } = await checkCache(subject);
    expect(measurements).toMatchObject({
      latencyMs: { samples: 10 },
      memoryLimitBytes: 100 * 1024 * 1024,
      evictedKeys: 0,
      serverVersion: expect.stringMatching(/^\d+\.\d+/),
    });
    const { latencyMs, connectMs, networkMs, memoryUsedBytes, connectedClients, uptimeSeconds } =
      measurements;
    expect(latencyMs?.p50).toBeLessThanOrEqual(latencyMs?.p95 ?? 0);
    expect(latencyMs?.p95).toBeLessThanOrEqual(latencyMs?.max ?? 0);
    expect(Object.keys(connectMs ?? {})).toEqual(["tcp", "auth"]);
    expect(networkMs).toBe(connectMs?.tcp);
    for (const figure of [latencyMs?.p50, networkMs, memoryUsedBytes, connectedClients]) {
      expect(figure).toBeGreaterThan(0);
    }
    expect(uptimeSeconds).toBeGreaterThanOrEqual(0);
  });

  it("looks the host's name up the way an app does", async () => {
    const target = { ...redis.target, host: "localhost", password };
    const report = await checkCache({ ...subject, target });
    expect(statusOf(report, "dns")).toBe("pass");
    expect(report.measurements.connectMs?.dns).toBeGreaterThan(0);
    expect(report.endpoint).toBe(`localhost:${redis.port}`);
  });

  it("has no key left after the check, which sends at most 30 commands", async () => {
    const admin = new Redis({ port: redis.port, password });
    const seen: string[][] = [];
    // Signed in before: ioredis ends a monitor that sees another connection's HELLO while it is set up itself.
    await admin.ping();
    const monitor = await admin.monitor();
    monitor.on("error", () => {});
    monitor.on("monitor", (_time: string, args: string[]) => seen.push(args));
    const { commandsUsed } = await checkCache({ ...subject, target: { ...redis.target, password, db: 3 } });
    // The monitor's stream is behind the server: this command ends it.
    await admin.echo("end");
    await expect.poll(() => seen.some(([name]) => name?.toLowerCase() === "echo")).toBe(true);
    // Some versions show AUTH, others do not.
    const ours = seen.filter(([name]) => !/^(echo|auth)$/i.test(name ?? ""));
    const names = ours.map(([name]) => name?.toUpperCase());
    expect(await admin.info("keyspace")).not.toContain("keys=");
    expect(commandsUsed).toBeLessThanOrEqual(30);
    expect(names.length + 1).toBe(commandsUsed);
    expect(names.filter((name) => /CONFIG|KEYS|FLUSH|MONITOR/.test(name ?? ""))).toEqual([]);
    const keys = ours
      .filter(([name]) => /^(set|get|pttl|del|exists)$/i.test(name ?? ""))
      .map(([, key]) => key);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^propiq-cache:check:[0-9a-f-]{36}$/);
    expect(ours.find(([name]) => name === "SET")).toContain("PX");
    monitor.disconnect();
    admin.disconnect();
  });

  it("is asked in two round trips in addition to the samples", async () => {
    const proxy = await startProxy({ to: redis.port, delayMs: 5 });
    await checkCache({ ...subject, target: { ...redis.target, port: proxy.port, password } }, { samples: 4 });
    expect(proxy.requests).toHaveLength(2 + 4);
    await proxy.stop();
  });

  it("is reported without its password, in every format", async () => {
    const set = reportSet([await checkCache(subject)], new Date());
    for (const render of Object.values(RENDERERS)) {
      const text = render(set, { color: false, width: 80 });
      expect(text).not.toContain(password);
      expect(text).not.toContain(encodeURIComponent(password));
    }
  });

  it("reports its progress in words", async () => {
    const stages: string[] = [];
    await checkCache(subject, { onProgress: (title) => stages.push(title) });
    expect(stages).toEqual(["Connection", "Sign-in", "Write and read", "Response"]);
  });
});

it("says that a cache that is disabled is disabled, and connects to nothing", async () => {
  const report = await checkCache({ enabled: false, stack: "prod" });
  expect(report).toMatchObject({ verdict: "disabled", impact: "none", endpoint: "", commandsUsed: 0 });
  expect(report.checks).toHaveLength(1);
});

it("reports each check of the cache that was not reached as skipped", async () => {
  const { checks } = await checkCache(subjectAt(1), { deadlineMs: 1000 });
  expect(checks.map(({ id, status }) => `${id}: ${status}`).slice(3)).toEqual(
    [
      "tls",
      "auth",
      "ping",
      "roundtrip",
      "ttl",
      "cleanup",
      "info",
      "memory",
      "eviction",
      "hit-rate",
      "latency",
    ].map((id) => `${id}: skip`),
  );
});

describe("whatever the server does", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it("ends at the deadline with what is known so far", async () => {
    const proxy = await startProxy({ to: redis.port, reply: (bytes, index) => (index < 5 ? bytes : "hang") });
    const report = await checkCache(subjectAt(proxy.port), { deadlineMs: 600 });
    expect(report.durationMs).toBeLessThan(600 + 500);
    expect(report.verdict).toBe("failed");
    expect(report.checks.at(-1)).toMatchObject({ id: "latency", status: "fail", code: "TIMEOUT" });
    expect(report.measurements.latencyMs?.samples).toBe(3);
    expect(statusOf(report, "memory")).toBe("pass");
    await proxy.stop();
  });

  it("removes its key, also when the connection breaks in the middle", async () => {
    const proxy = await startProxy({
      to: redis.port,
      reply: (bytes, index) => (index < 1 ? bytes : "reset"),
    });
    const report = await checkCache(subjectAt(proxy.port));
    expect(report.checks.find(({ id }) => id === "roundtrip")).toMatchObject({ code: "CONNECTION_RESET" });
    await expect.poll(() => redis.call("DBSIZE")).toBe(0);
    await proxy.stop();
  });

  it("ends with the caller's reason when it is called off", async () => {
    const proxy = await startProxy({ to: redis.port, connection: "hang" });
    const controller = new AbortController();
    const checking = checkCache(subjectAt(proxy.port), { signal: controller.signal });
    controller.abort(new Error("never mind"));
    await expect(checking).rejects.toThrow("never mind");
    await proxy.stop();
  });

  it("ends in a report, and takes nothing for a healthy cache that answers at random", async () => {
    const random = seeded(20261123);
    const pieces = [
      "+PONG\r\n",
      "+OK\r\n",
      "$-1\r\n",
      ":1\r\n",
      "-ERR x\r\n",
      "*1\r\n",
      "$5\r\nab",
      "\r\n",
      "\u0015",
      "HTTP/1.1 200",
    ];
    const anything = () =>
      Array.from({ length: 1 + random() * 4 }, () => pieces[Math.floor(random() * pieces.length)]);
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () =>
        random() < 0.3 ? socket.end(anything().join("")) : socket.write(anything().join("")),
      );
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { port } = server.address() as AddressInfo;
    const checking = Array.from({ length: 200 }, () => checkCache(subjectAt(port), { deadlineMs: 1000 }));
    for (const report of await Promise.all(checking)) expect(report.verdict).toBe("failed");
    server.close();
  });

  it("keeps what a hostile server says short, on one line and without the password", async () => {
    const noise = "\u001b[31m::error::\u0007\u202e";
    const hostile = await startRespServer({ PING: error(`ERR ${noise} ${password} ${"x".repeat(5000)}`) });
    const target = { ...redis.target, port: hostile.port, password };
    const report = await checkCache({ enabled: true, target });
    const observed = report.checks.map((check) => check.observed ?? "").join("\n");
    expect(observed).toContain("[secret]");
    expect(observed).not.toContain(password);
    expect(observed.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(Math.max(...report.checks.map((check) => check.observed?.length ?? 0))).toBeLessThanOrEqual(200);
    await hostile.stop();
  });
});

function subjectAt(port: number): Subject {
  return { enabled: true, target: { host: "127.0.0.1", port, tls: false, db: 0 } };
}

function statusOf(report: Report, id: CheckId): string | undefined {
  return report.checks.find((check) => check.id === id)?.status;
}

it("edits of settings that a disabled cache does not need are no failure, and an enabled app is one", async () => {
  const settings = { expected: ["REDIS_ENABLED"], missing: [], different: [], unresolved: [], words: "" };
  const of = (change: object) =>
    checkCache({ enabled: false, apps: [{ name: "app", settings: { ...settings, ...change } }] });
  expect(await of({ edited: true })).toMatchObject({ verdict: "disabled", impact: "none" });
  expect(await of({ switchedOn: true })).toMatchObject({ verdict: "failed" });
});
