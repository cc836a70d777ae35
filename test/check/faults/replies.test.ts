import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { afterEach, describe, expect, it } from "vitest";
import { checkCache, type Subject } from "../../../check/check.ts";
import type { CheckResult } from "../../../check/report.ts";
import type { Target } from "../../../check/target.ts";
import { freePort } from "../../../rehearsal/ports.ts";
import { type RedisOptions, startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import { lacks } from "../../support/parts.ts";
import { type Answers, error, integer, simple, startRespServer } from "../../support/resp-server.ts";

const run = promisify(execFile);
/** Needs no rights, but a Linux that allows it, and iproute2. */
const canBeAlone = await run("unshare", ["-rn", "ip", "link"]).then(
  () => true,
  () => false,
);

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function redisWith(options: RedisOptions): Promise<TestRedis> {
  const redis = await startRedis(options);
  cleanups.push(redis.stop);
  return redis;
}

/** What the check finds wrong first. */
async function faultOf(
  target: Subject["target"],
  more: Partial<Subject> = {},
): Promise<CheckResult | undefined> {
  const report = await checkCache({ enabled: true, ...(target ? { target } : {}), ...more });
  expect(report.verdict).toBe("failed");
  expect(JSON.stringify(report)).not.toMatch(/undefined|NaN/);
  return report.checks.find(({ status }) => status === "fail");
}

describe("a fault of a real Redis is reported as", () => {
  it("AUTH_REQUIRED, when it requires a password and the settings have none", async () => {
    const { target } = await redisWith({ password: "right" });
    expect(await faultOf(target)).toMatchObject({ id: "auth", code: "AUTH_REQUIRED" });
  });

  it("AUTH_WRONG, when the password is another", async () => {
    const { target } = await redisWith({ password: "right" });
    const fault = await faultOf({ ...target, password: "wrong-0815" });
    expect(fault).toMatchObject({ id: "auth", code: "AUTH_WRONG" });
    expect(JSON.stringify(fault)).not.toContain("wrong-0815");
  });

  it("AUTH_WRONG, when there is a password and the server has none", async () => {
    const { target } = await redisWith({});
    expect(await faultOf({ ...target, password: "needless" })).toMatchObject({
      id: "auth",
      code: "AUTH_WRONG",
    });
  });

  it("AUTH_FORBIDDEN, when the user may not write", async () => {
    const { target } = await redisWith({ users: ["reader on >right ~* +@all -set"] });
    const fault = await faultOf({ ...target, username: "reader", password: "right" });
    expect(fault).toMatchObject({ id: "roundtrip", code: "AUTH_FORBIDDEN" });
  });

  it("DB_INDEX, when it has no such database, and nothing is written into another", async () => {
    const redis = await redisWith({});
    expect(await faultOf({ ...redis.target, db: 99 })).toMatchObject({ id: "auth", code: "DB_INDEX" });
    expect(await redis.call("INFO", "commandstats")).not.toContain("cmdstat_set:");
  });

  it("LOADING, while it reads its data from disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "redis-loading-"));
    cleanups.push(() => rm(folder, { recursive: true }));
    const before = await startRedis({ folder });
    for (let key = 0; key < 200; key++) await before.call("SET", `key:${key}`, "x".repeat(600));
    await before.call("SAVE");
    await before.stop();
    // Hidden settings of Redis's own tests: each key takes 50 ms, and clients are served after every KB.
    const slowly = ["--key-load-delay", "50000", "--loading-process-events-interval-bytes", "1024"];
    const { target } = await redisWith({ folder, args: slowly, startedAt: /Server initialized/ });
    expect(await faultOf(target)).toMatchObject({ id: "ping", code: "LOADING" });
  });

  it("READONLY, when it is a replica", async () => {
    const { target } = await redisWith({ args: ["--replicaof", `127.0.0.1 ${await freePort()}`] });
    expect(await faultOf(target)).toMatchObject({ id: "roundtrip", code: "READONLY" });
  });

  it("MASTER_DOWN, when it is a replica that has lost its primary and says so", async () => {
    const primary = `127.0.0.1 ${await freePort()}`;
    const { target } = await redisWith({
      args: ["--replicaof", primary, "--replica-serve-stale-data", "no"],
    });
    expect(await faultOf(target)).toMatchObject({ id: "ping", code: "MASTER_DOWN" });
  });

  it("MISCONF, when it cannot save its data", async () => {
    const redis = await redisWith({ args: ["--save", "3600 1"] });
    await rm(redis.folder, { recursive: true });
    const admin = new Redis({ port: redis.port });
    await admin.bgsave();
    await expect.poll(() => admin.info("persistence")).toContain("rdb_last_bgsave_status:err");
    admin.disconnect();
    expect(await faultOf(redis.target)).toMatchObject({ code: "MISCONF" });
  });

  it("OUT_OF_MEMORY, when it is full and evicts nothing", async () => {
    const { target } = await redisWith({
      args: ["--maxmemory", "100kb", "--maxmemory-policy", "noeviction"],
    });
    expect(await faultOf(target)).toMatchObject({ id: "roundtrip", code: "OUT_OF_MEMORY" });
  });

  it.each(["", "right"])(
    "MAX_CLIENTS, when it refuses further connections, each time (%j)",
    async (password) => {
      const redis = await redisWith({ args: ["--maxclients", "1"], ...(password ? { password } : {}) });
      const target = { ...redis.target, ...(password ? { password } : {}) };
      const holder = new Redis({ port: redis.port, ...(password ? { password } : {}) });
      await holder.ping();
      const faults = await Promise.all(Array.from({ length: 20 }, () => faultOf(target)));
      expect(new Set(faults.map((fault) => fault?.code))).toEqual(new Set(["MAX_CLIENTS"]));
      holder.disconnect();
    },
  );

  it.skipIf(lacks("unshare and ip", canBeAlone))(
    "PROTECTED_MODE, when it has no password and is called from another machine",
    async () => {
      // In a network of its own, where 10.0.0.1 is this machine and yet not its loopback address.
      const folder = await mkdtemp(join(tmpdir(), "redis-protected-"));
      cleanups.push(() => rm(folder, { recursive: true }));
      const port = await freePort();
      const target = { host: "10.0.0.1", port, tls: false, db: 0 };
      const program = `
      import { checkWithPatience } from ${JSON.stringify(resolve("check/patience.ts"))};
      const report = await checkWithPatience({ enabled: true, target: ${JSON.stringify(target)} }, { waitSeconds: 10 });
      console.log(JSON.stringify(report.checks.find(({ status }) => status === "fail")));
    `;
      const script = `
      ip link set lo up && ip address add 10.0.0.1/32 dev lo
      redis-server --port ${port} --dir '${folder}' --save '' >/dev/null &
      "$NODE" --input-type=module --eval "$PROGRAM"; kill $!`;
      const env = { ...process.env, NODE: process.execPath, PROGRAM: program };
      const { stdout } = await run("unshare", ["-rn", "sh", "-c", script], { env });
      expect(JSON.parse(stdout)).toMatchObject({ code: "PROTECTED_MODE" });
    },
  );

  it("BUSY_SCRIPT, while a script blocks it", async () => {
    const { target } = await redisWith({ args: ["--busy-reply-threshold", "20"] });
    const blocker = new Redis({ port: target.port });
    const script = blocker.eval("while true do end", 0).catch(() => {});
    const other = new Redis({ port: target.port, enableReadyCheck: false });
    await expect.poll(() => other.ping().catch(String)).toContain("BUSY");
    expect(await faultOf(target)).toMatchObject({ id: "ping", code: "BUSY_SCRIPT" });
    await other.script("KILL");
    await script;
    blocker.disconnect();
    other.disconnect();
  });

  it("CLUSTER_DOWN, when it is a node of a cluster that serves nothing", async () => {
    const { target } = await redisWith({
      args: ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())],
    });
    expect(await faultOf(target)).toMatchObject({ id: "roundtrip", code: "CLUSTER_DOWN" });
  });

  it("CLUSTER_MOVED, when its keys are spread over nodes, also when the check's own key is not", async () => {
    const node = async () =>
      redisWith({ args: ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())] });
    const [first, second] = [await node(), await node()];
    await first.call("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    await second.call("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    const busOfFirst = String(await first.call("CLUSTER", "NODES")).match(/@(\d+)/)?.[1] ?? "";
    await second.call("CLUSTER", "MEET", "127.0.0.1", String(first.port), busOfFirst);
    await expect.poll(() => first.call("CLUSTER", "INFO")).toMatch(/cluster_state:ok[\s\S]*cluster_size:2/);
    const faults = await Promise.all(Array.from({ length: 12 }, () => faultOf(first.target)));
    expect(new Set(faults.map((fault) => fault?.code))).toEqual(new Set(["CLUSTER_MOVED"]));
    expect(await first.call("DBSIZE")).toBe(0);
  });

  it("REDIS_ERROR, when it refuses a command for another reason, in its own words", async () => {
    const { target } = await redisWith({ args: ["--rename-command", "SET", ""] });
    const fault = await faultOf(target);
    expect(fault).toMatchObject({ id: "roundtrip", code: "REDIS_ERROR" });
    expect(fault?.observed).toContain("unknown command");
  });
});

describe("an odd server is reported too:", () => {
  async function oddServer(answers: Answers): Promise<Target> {
    const server = await startRespServer(answers);
    cleanups.push(server.stop);
    return { host: "127.0.0.1", port: server.port, tls: false, db: 0 };
  }

  it("a key that is still there after DEL", async () => {
    const target = await oddServer({ EXISTS: integer(1) });
    expect(await faultOf(target)).toMatchObject({ id: "cleanup", code: "VALUE_CHANGED" });
  });

  it("an error that nobody asked for", async () => {
    const pongs = [simple("PONG"), simple("PONG") + error("MISCONF going down")];
    const target = await oddServer({ PING: () => pongs.shift() ?? simple("PONG") });
    expect(await faultOf(target)).toMatchObject({ id: "latency", code: "MISCONF" });
  });

  it("a reply that nobody asked for", async () => {
    const pongs = [simple("PONG"), simple("PONG") + integer(1)];
    const target = await oddServer({ PING: () => pongs.shift() ?? simple("PONG") });
    expect(await faultOf(target)).toMatchObject({ id: "latency", code: "PROTOCOL_ERROR" });
  });

  it.each([
    ["AUTH", { AUTH: simple("PONG") }],
    ["PING", { PING: integer(1) }],
  ])("a wrong answer to %s", async (_command, answers) => {
    const target = { ...(await oddServer(answers)), password: "secret-0815" };
    expect(await faultOf(target)).toMatchObject({ code: "NOT_REDIS" });
  });
});

describe("an error that only a provider's server sends is reported too:", () => {
  // upstash.com/docs/redis/troubleshooting, read 2026-11; the figures as users quote them in public issues.
  const upstash =
    "ERR max requests limit exceeded. Limit: 500000, Usage: 500000. See https://upstash.com/docs";
  it.each([
    ["QUOTA_EXCEEDED", "in answer to AUTH", { AUTH: error(upstash), PING: error(upstash) }],
    [
      "QUOTA_EXCEEDED",
      "of older plans",
      { SET: error("ERR max daily request limit exceeded. Limit: 10000") },
    ],
    [
      "QUOTA_EXCEEDED",
      "of data",
      { SET: error("ERR DB capacity quota exceeded. Threshold: 268435456 bytes") },
    ],
    ["MAX_CLIENTS", "of Upstash", { AUTH: error("ERR max concurrent connections exceeded") }],
    ["AUTH_WRONG", "of Upstash", { AUTH: error("WRONGPASS invalid or missing auth token") }],
    ["AUTH_WRONG", "of Redis before 6", { AUTH: error("ERR invalid password") }],
    [
      "ACCESS_KEYS_DISABLED",
      "where the reply says so",
      { AUTH: error("WRONGPASS access key authentication is disabled") },
    ],
  ])("%s, %s", async (code, _where, answers) => {
    const server = await startRespServer(answers);
    cleanups.push(server.stop);
    const target = { host: "127.0.0.1", port: server.port, tls: false, db: 0, password: "secret-0815" };
    expect(await faultOf(target, { provider: "upstash" })).toMatchObject({ code });
  });

  // Measured by users against their own databases: "ERR Only 0th database is supported! Selected DB: 1".
  it("DB_INDEX, of Upstash", async () => {
    const server = await startRespServer({
      SELECT: error("ERR Only 0th database is supported! Selected DB: 1"),
    });
    cleanups.push(server.stop);
    const target = { host: "127.0.0.1", port: server.port, tls: false, db: 1 };
    expect(await faultOf(target, { provider: "upstash" })).toMatchObject({ code: "DB_INDEX" });
    expect(server.commands.map(([name]) => name)).toEqual(["SELECT", "PING"]);
  });
});

it("accepts a user who may not read the figures: the cache works, its figures remain unknown", async () => {
  const { target } = await redisWith({ users: ["app on >right ~* +@all -info -pttl -exists"] });
  const report = await checkCache({
    enabled: true,
    target: { ...target, username: "app", password: "right" },
  });
  expect(report.verdict).toBe("healthy");
  expect(
    report.checks.filter(({ code }) => code === "AUTH_FORBIDDEN").map(({ id, status }) => [id, status]),
  ).toEqual([
    ["ttl", "skip"],
    ["cleanup", "skip"],
    ["info", "skip"],
  ]);
});

it("warns when the user may not delete: the key expires on its own", async () => {
  const redis = await redisWith({ users: ["app on >right ~* +@all -del"] });
  const report = await checkCache({
    enabled: true,
    target: { ...redis.target, username: "app", password: "right" },
  });
  expect(report.verdict).toBe("degraded");
  expect(report.checks.find(({ id }) => id === "cleanup")).toMatchObject({
    status: "warn",
    code: "AUTH_FORBIDDEN",
  });
  const [key] = (await redis.call("KEYS", "*")) as string[];
  expect(await redis.call("PTTL", key ?? "")).toBeGreaterThan(0);
});
