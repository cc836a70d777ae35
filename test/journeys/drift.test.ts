/** What somebody else did to a stack, told by key and without a write: by hand, by another tool, by a swap of slots. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import { callDocker } from "../../infra/caches/docker/api.ts";
import { removeContainer } from "../../infra/caches/docker/engine.ts";
import type { DriftReport } from "../../operations/drift/finding.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import {
  type DockerEngine,
  importRedisImage,
  startDockerEngine,
  whyNoDockerEngine,
} from "../support/docker-engine.ts";
import { makeProject, type Project } from "../support/project.ts";

const APP = "luntra-outreach-app";
const WEB = "2025-05-01";
const REDIS = "2024-11-01";

function shortOf({ verdict, places, notAsked }: DriftReport) {
  return {
    verdict,
    notAsked: notAsked.map(({ name }) => name),
    drifted: places.flatMap(({ name, findings }) =>
      findings.map(
        ({ code, keys }) => `${name}: ${code} ${keys.map((key) => `${key.name} ${key.change}`).join(", ")}`,
      ),
    ),
    notes: places.flatMap(({ notes }) => notes),
    hints: places.flatMap(({ findings }) => findings.map(({ hint }) => hint)).join("\n"),
  };
}

describe("a stack in the clouds", () => {
  let cloud: Cloud;
  let arm: Arm;
  let distrust: () => void;
  let site: string;
  let cache: string;

  beforeAll(async () => {
    const apps = [{ name: APP, slots: { staging: { NODE_ENV: "staging" } } }];
    cloud = await makeCloud({ azure: { apps, app: { alwaysOn: true } } });
    await cloud.configure({ plan: "azure-c0", "app.name": APP, drainSeconds: "0" });
    await cloud.up();
    distrust = trustInThisProcess(cloud.authority);
    arm = await openArm({ env: cloud.azure.env, subscriptionId: cloud.azure.subscriptionId });
    const group = `/subscriptions/${cloud.azure.subscriptionId}/resourceGroups/propiq-rg`;
    site = `${group}/providers/Microsoft.Web/sites/${APP}`;
    cache = `${group}/providers/Microsoft.Cache/redis/${cloud.azure.caches()[0]?.name}`;
  });
  afterAll(async () => {
    distrust?.();
    await cloud?.stop();
  });

  /** Runs `drift`, which must write nothing anywhere and show no value. */
  async function drift(format: "json" | "text" | "junit" = "json") {
    const logs = () => [...cloud.azure.log, ...cloud.upstash.log];
    const before = logs().length;
    const state = await cloud.pulumi("stack", "export");
    const run = await cloud.run("drift", "--stack", "prod", "--format", format);
    const asked = logs().slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ method }) => /^(PUT|PATCH|DELETE)$/.test(method))).toEqual([]);
    expect(asked.filter(({ path }) => /\/(restart|slotsswap|regenerateKey)$/i.test(path))).toEqual([]);
    expect((await cloud.pulumi("stack", "export")).stdout).toBe(state.stdout);
    const keys = cloud.azure.caches().flatMap((each) => Object.values(each.keys));
    for (const secret of keys) expect(run.all).not.toContain(secret);
    return run;
  }
  async function found() {
    const run = await drift();
    expect(run.stderr).toBe("");
    return { exit: run.code, ...shortOf(JSON.parse(run.stdout) as DriftReport) };
  }
  const NOTHING = { exit: 0, verdict: "none", notAsked: [], drifted: [], notes: [] };

  it("has not drifted after an update, nor by settings of the app's own", async () => {
    expect(await found()).toMatchObject(NOTHING);
    const place = cloud.azure.site();
    place.setSettings({ ...place.settings(), FEATURE_X: "1" });
    const text = await drift("text");
    expect(text).toMatchObject({ code: 0, stderr: "" });
    expect(text.stdout).toContain("✔ no drift  stack prod");
    expect(text.stdout).toContain(`✔ App Service ${APP}`);
  });

  it("tells which key somebody has edited, and the command it prints puts it back", async () => {
    const place = cloud.azure.site();
    const before = place.settings();
    const { REDIS_DB: _, ...rest } = before;
    place.setSettings({ ...rest, CACHE_TTL_LONG: "7777" });
    const told = await found();
    expect(told).toMatchObject({
      exit: 1,
      verdict: "drift",
      drifted: [`App Service ${APP}: SETTINGS_CHANGED REDIS_DB removed, CACHE_TTL_LONG changed`],
    });
    expect(JSON.stringify(told)).not.toContain("7777");
    expect(told.hints).toContain("./propiq-cache repair --stack prod");
    const up = await cloud.pulumi("up", "--refresh", "--yes");
    expect(up.code, up.all).toBe(0);
    expect(place.settings()).toEqual(before);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("still tells an edit that a refresh has taken into the state", async () => {
    const place = cloud.azure.site();
    place.setSettings({ ...place.settings(), CACHE_TTL_LONG: "7777" });
    const refresh = await cloud.pulumi("refresh", "--yes", "--skip-preview");
    expect(refresh.code, refresh.all).toBe(0);
    expect(await found()).toMatchObject({
      exit: 1,
      drifted: [`App Service ${APP}: SETTINGS_CHANGED CACHE_TTL_LONG changed`],
    });
    const up = await cloud.pulumi("up", "--yes", "--skip-preview");
    expect(up.code, up.all).toBe(0);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("names a tool that replaces the whole set, with what keeps its hands off", async () => {
    const place = cloud.azure.site();
    const before = place.settings();
    place.setSettings({ FEATURE_X: "1" });
    const run = await drift("text");
    expect(run.code).toBe(1);
    expect(run.stdout).toMatch(/SETTINGS_REMOVED: all cache settings are gone at once: a tool/);
    expect(run.stdout).toContain('app_settings["REDIS_URL"],');
    expect(run.stdout).toContain('app_settings["PROPIQ_CACHE_EARLIER"],');
    expect(run.stdout).toContain("properties: union(there, own)");
    expect(run.stdout).toContain("./propiq-cache repair --stack prod");
    const up = await cloud.pulumi("up", "--refresh", "--yes");
    expect(up.code, up.all).toBe(0);
    expect(place.settings()).toMatchObject({ FEATURE_X: "1", REDIS_URL: before["REDIS_URL"] });
    expect(await found()).toMatchObject(NOTHING);
  });

  it("names a swap of slots, and how to swap back", async () => {
    const swap = async () => {
      const events = () => cloud.azure.events.filter(({ what }) => what === "slots swapped").length;
      const before = events();
      const { status } = await arm.request({
        method: "POST",
        path: `${site}/slotsswap`,
        apiVersion: WEB,
        body: { targetSlot: "staging", preserveVnet: false },
      });
      expect(status).toBe(202);
      await expect.poll(events, { timeout: 60_000 }).toBe(before + 1);
    };
    await swap();
    const told = await found();
    expect(told).toMatchObject({
      exit: 1,
      drifted: [expect.stringContaining(`App Service ${APP}: SLOT_SWAPPED REDIS_ENABLED removed`)],
    });
    expect(told.hints).toContain(
      `az webapp deployment slot swap --name ${APP} --resource-group propiq-rg --slot staging --target-slot production`,
    );
    expect(told.hints).toContain("sticky: true");
    await swap();
    expect(await found()).toMatchObject(NOTHING);
  });

  it("takes off and on for what they are", async () => {
    const off = await cloud.run("off", "--stack", "prod");
    expect(off.code, off.all).toBe(0);
    expect(await found()).toMatchObject({
      ...NOTHING,
      notes: [expect.stringContaining("switched off by")],
    });
    const on = await cloud.run("on", "--stack", "prod");
    expect(on.code, on.all).toBe(0);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("tells that both keys of the cache were regenerated, and its command wires the new one", async () => {
    for (const keyType of ["Primary", "Secondary"])
      await arm.request({
        method: "POST",
        path: `${cache}/regenerateKey`,
        apiVersion: REDIS,
        body: { keyType },
      });
    const told = await found();
    expect(told).toMatchObject({ exit: 1, drifted: ["password of the cache: PASSWORD_REFUSED "] });
    expect(told.hints).toContain("repair --stack prod");
    const up = await cloud.pulumi("up", "--refresh", "--yes");
    expect(up.code, up.all).toBe(0);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("tells tags and properties of a cache that somebody has changed", async () => {
    const body = { tags: { team: "growth" }, properties: { enableNonSslPort: true } };
    await arm.request({ method: "PATCH", path: cache, apiVersion: REDIS, body });
    const told = await found();
    expect(told.exit).toBe(1);
    expect(told.drifted.join()).toMatch(
      /^Azure Cache for Redis propiq-redis-azure-c0-\w+: CHANGED enableNonSslPort changed, tags\.managed-by removed, .*tags\.team added$/,
    );
    const up = await cloud.pulumi("up", "--refresh", "--yes");
    expect(up.code, up.all).toBe(0);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("says what it could not ask, and shows no secret of the sign-in", async () => {
    const run = await cloud.project.run(["drift", "--stack", "prod", "--format", "json"], {
      env: { ...cloud.env, ARM_CLIENT_SECRET: "wrong-0815" },
    });
    expect(run.code, run.all).toBe(2);
    expect(run.all).not.toContain("wrong-0815");
    const told = shortOf(JSON.parse(run.stdout) as DriftReport);
    expect(told).toMatchObject({ verdict: "unknown", drifted: [] });
    expect(told.notAsked.toSorted()).toEqual([
      `App Service ${APP}`,
      expect.stringContaining("Azure Cache for Redis propiq-redis"),
    ]);
    const sealed = await cloud.project.run(["drift", "--stack", "prod"], {
      env: { ...cloud.env, PULUMI_CONFIG_PASSPHRASE: "another" },
    });
    expect(sealed.code, sealed.all).toBe(2);
    expect(sealed.all).toContain("Run: ./propiq-cache drift --stack prod");
  });

  it("tells a cache that was deleted by hand", async () => {
    await arm.request({ method: "DELETE", path: cache, apiVersion: REDIS });
    await expect.poll(() => cloud.azure.caches().length, { timeout: 60_000 }).toBe(0);
    const told = await found();
    expect(told.exit).toBe(1);
    expect(told.drifted).toEqual([
      expect.stringMatching(/^Azure Cache for Redis propiq-redis-azure-c0-\w+: GONE $/),
    ]);
    const junit = await drift("junit");
    expect(junit.code).toBe(1);
    expect(junit.stdout).toMatch(/<testsuite [^>]*tests="2" failures="1" errors="0"/);
  });
});

describe("a stack on this machine", () => {
  let project: Project;
  beforeAll(async () => {
    project = await makeProject();
    const port = String(await freePort());
    await project.run(["pulumi", "config", "set", "port", port, "--stack", "native"]);
  });
  afterAll(() => project?.remove());

  async function found() {
    const run = await project.run(["drift", "--stack", "native", "--format", "json"]);
    expect(run.stderr).toBe("");
    return { exit: run.code, ...shortOf(JSON.parse(run.stdout) as DriftReport) };
  }

  it("cannot drift before there is one, and is not made by the question", async () => {
    const run = await project.run(["drift", "--stack", "native"]);
    expect(run.code, run.all).toBe(2);
    expect(run.stderr).toContain("Run: ./propiq-cache dev");
  });

  it("tells a key of the env file, the file, and the server that are not as they were", async () => {
    const dev = await project.run(["dev"]);
    expect(dev.code, dev.all).toBe(0);
    expect(await found()).toMatchObject({ exit: 0, verdict: "none", drifted: [] });

    const file = join(project.root, ".env");
    const before = await readFile(file, "utf8");
    await writeFile(file, `OWN=1\n${before}CACHE_TTL_DAY=7777\n`);
    expect(await found()).toMatchObject({
      exit: 1,
      drifted: ["env file .env: SETTINGS_CHANGED CACHE_TTL_DAY changed"],
    });
    await rm(file);
    expect((await found()).drifted[0]).toMatch(/^env file \.env: GONE /);
    await writeFile(file, before, { mode: 0o600 });

    const port = /REDIS_PORT=(\d+)/.exec(before)?.[1] ?? "";
    const pid = await serverPid(Number(port));
    process.kill(pid, "SIGKILL");
    expect((await found()).drifted).toEqual([expect.stringMatching(/^redis-server .*: GONE $/)]);
    const text = await project.run(["drift", "--stack", "native"]);
    const [, command = ""] = /\.\/propiq-cache (repair --stack native)/.exec(text.stdout) ?? [];
    const up = await project.run([...command.split(" "), "--yes"]);
    expect(up.code, up.all).toBe(0);
    expect(await found()).toMatchObject({ exit: 0, verdict: "none" });
  });
});

describe.skipIf(await whyNoDockerEngine())("a stack in Docker", () => {
  let project: Project;
  let engine: DockerEngine;
  let home: string;
  const run = (...words: string[]) =>
    project.run(words, { env: { DOCKER_HOST: engine.host, PULUMI_HOME: home } });
  beforeAll(async () => {
    project = await makeProject();
    engine = await startDockerEngine();
    await importRedisImage(engine.host);
    home = await mkdtemp(join(tmpdir(), "propiq-home-"));
    await installStandIn("docker", home);
    await run("pulumi", "config", "set", "port", String(await freePort()), "--stack", "dev");
    const dev = await run("dev");
    expect(dev.code, dev.all).toBe(0);
  });
  afterAll(async () => {
    await run("dev", "--down");
    await project.remove();
    await engine.stop();
    await rm(home, { recursive: true, force: true });
  });

  it("tells a container that was stopped, or removed", async () => {
    const found = async () => {
      const { stdout, stderr } = await run("drift", "--stack", "dev", "--format", "json");
      expect(stderr).toBe("");
      return shortOf(JSON.parse(stdout) as DriftReport).drifted;
    };
    expect(await found()).toEqual([]);
    const stop = { method: "POST", path: "/containers/propiq-redis/stop?t=1", timeoutMs: 30_000 } as const;
    expect((await callDocker(engine.host, stop)).status).toBe(204);
    const stopped = await found();
    const started = await run("pulumi", "up", "--refresh", "--yes", "--skip-preview", "--stack", "dev");
    expect(started.code, started.all).toBe(0);
    expect(await found()).toEqual([]);
    await removeContainer(engine.host, "propiq-redis");
    expect(await found()).toEqual(["container propiq-redis: GONE "]);
    expect(stopped).toEqual([expect.stringMatching(/^container propiq-redis: CHANGED mustRun changed/)]);
  });
});

describe("a database at Upstash", () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
    await cloud.configure({ plan: "upstash-free", "app.name": APP, drainSeconds: "0" });
    await cloud.up();
  });
  afterAll(() => cloud?.stop());

  it("is told when it was changed in the console, or deleted", async () => {
    const found = async () => {
      const run = await cloud.run("drift", "--stack", "prod", "--format", "json");
      expect(run.stderr).toBe("");
      return { exit: run.code, ...shortOf(JSON.parse(run.stdout) as DriftReport) };
    };
    expect(await found()).toMatchObject({ exit: 0, verdict: "none", notAsked: [], drifted: [], notes: [] });
    const { id = "" } = cloud.upstash.databases()[0] ?? {};
    await cloud.upstash.changeDatabase(id, { plan: "payg", eviction: false });
    expect(await found()).toMatchObject({
      exit: 1,
      drifted: [
        expect.stringMatching(/^Upstash database propiq-redis-upstash-\w+: CHANGED eviction changed$/),
        expect.stringMatching(/^plan of the Upstash database [\w-]+: CHANGED plan changed$/),
      ],
    });
    await cloud.upstash.resetPassword(id);
    expect((await found()).drifted).toContain("password of the cache: PASSWORD_REFUSED ");
    await cloud.upstash.removeDatabase(id);
    const told = await found();
    expect(told).toMatchObject({
      exit: 1,
      notAsked: [],
      drifted: [expect.stringMatching(/^Upstash database propiq-redis-upstash-\w+: GONE $/)],
    });
    for (const [, command = ""] of told.hints.matchAll(/^\.\/propiq-cache (pulumi .*)$/gm)) {
      const words = command.split(" ").map((word) => word.replaceAll("'", ""));
      const run = await cloud.run(...words, "--yes", "--non-interactive");
      expect(run.code, run.all).toBe(0);
    }
    expect(await found()).toMatchObject({ exit: 0, verdict: "none" });
  });

  it("is not asked without its credentials, and nothing else is lost by it", async () => {
    const { UPSTASH_API_KEY: _, ...env } = cloud.env;
    const run = await cloud.project.run(["drift", "--stack", "prod"], { env });
    expect(run.code, run.all).toBe(2);
    expect(run.stdout).toContain("✔ App Service");
    expect(run.stdout).toContain("export UPSTASH_EMAIL=");
    expect(run.stdout).toContain("Run: ./propiq-cache drift --stack prod");
  });
});

/** Asked of the server itself. */
async function serverPid(port: number): Promise<number> {
  const { Redis } = await import("ioredis");
  const client = new Redis({ host: "127.0.0.1", port });
  const info = await client.info("server");
  client.disconnect();
  return Number(/process_id:(\d+)/.exec(info)?.[1]);
}
