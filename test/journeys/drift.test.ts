// @module-tag pipeline
/** What others did to a stack, reported by key and without a write: by hand, by another tool, by a swap of slots. */
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
import { STORY } from "../support/parts.ts";
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

describe("a stack in the clouds", STORY, () => {
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
    const state = await cloud.project.state("prod");
    const run = await cloud.run("drift", "--stack", "prod", "--format", format);
    const asked = logs().slice(before);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ method }) => /^(PUT|PATCH|DELETE)$/.test(method))).toEqual([]);
    expect(asked.filter(({ path }) => /\/(restart|slotsswap|regenerateKey)$/i.test(path))).toEqual([]);
    expect(await cloud.project.state("prod")).toBe(state);
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
    expect(text.stdout).toMatch(/^✔ .*stack prod/);
    expect(text.stdout).toContain(`✔ App Service ${APP}`);
  });

  it("reports which key was edited, also after a refresh took it into the state; an update restores it", async () => {
    const place = cloud.azure.site();
    const before = place.settings();
    const { REDIS_DB: _, ...rest } = before;
    place.setSettings({ ...rest, CACHE_TTL_LONG: "7777" });
    const edited = `App Service ${APP}: SETTINGS_CHANGED REDIS_DB removed, CACHE_TTL_LONG changed`;
    const reported = await found();
    expect(reported).toMatchObject({ exit: 1, verdict: "drift", drifted: [edited] });
    expect(JSON.stringify(reported)).not.toContain("7777");
    expect(reported.hints).toContain("./propiq-cache repair --stack prod");
    const refresh = await cloud.pulumi("refresh", "--yes", "--skip-preview");
    expect(refresh.code, refresh.all).toBe(0);
    expect(await found()).toMatchObject({ exit: 1, drifted: [edited] });
    await cloud.up();
    expect(place.settings()).toEqual(before);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("names a tool that replaces the whole set, with what keeps our keys in place", async () => {
    const place = cloud.azure.site();
    const before = place.settings();
    place.setSettings({ FEATURE_X: "1" });
    const run = await drift("text");
    expect(run.code).toBe(1);
    expect(run.stdout).toContain("SETTINGS_REMOVED");
    expect(run.stdout).toContain('app_settings["REDIS_URL"],');
    expect(run.stdout).toContain('app_settings["PROPIQ_CACHE_EARLIER"],');
    expect(run.stdout).toContain("properties: union(there, own)");
    expect(run.stdout).toContain("./propiq-cache repair --stack prod");
    const up = await cloud.pulumi("up", "--refresh", "--yes", "--skip-preview");
    expect(up.code, up.all).toBe(0);
    expect(place.settings()).toMatchObject({ FEATURE_X: "1", REDIS_URL: before["REDIS_URL"] });
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
      await expect.poll(events).toBe(before + 1);
    };
    await swap();
    const reported = await found();
    await swap();
    expect(reported).toMatchObject({
      exit: 1,
      drifted: [expect.stringContaining(`App Service ${APP}: SLOT_SWAPPED REDIS_ENABLED removed`)],
    });
    expect(reported.hints).toContain(
      `az webapp deployment slot swap --name ${APP} --resource-group propiq-rg --slot staging --target-slot production`,
    );
    expect(reported.hints).toContain("sticky: true");
  });

  it("does not report off and on as drift", async () => {
    const off = await cloud.run("off", "--stack", "prod");
    expect(off.code, off.all).toBe(0);
    expect(await found()).toMatchObject({
      ...NOTHING,
      notes: [expect.stringContaining("disabled by off")],
    });
    const on = await cloud.run("on", "--stack", "prod");
    expect(on.code, on.all).toBe(0);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("reports regenerated keys and changed properties of a cache, and its command restores both", async () => {
    for (const keyType of ["Primary", "Secondary"])
      await arm.request({
        method: "POST",
        path: `${cache}/regenerateKey`,
        apiVersion: REDIS,
        body: { keyType },
      });
    const body = { tags: { team: "growth" }, properties: { enableNonSslPort: true } };
    await arm.request({ method: "PATCH", path: cache, apiVersion: REDIS, body });
    const reported = await found();
    expect(reported.exit).toBe(1);
    expect(reported.drifted.toSorted()).toEqual([
      expect.stringMatching(
        /^Azure Cache for Redis propiq-redis-azure-c0-\w+: CHANGED enableNonSslPort changed, tags\.managed-by removed, .*tags\.team added$/,
      ),
      "password of the cache: PASSWORD_REFUSED ",
    ]);
    expect(reported.hints).toContain("./propiq-cache repair --stack prod");
    const repaired = await cloud.run("repair", "--stack", "prod", "--yes");
    expect(repaired.code, repaired.all).toBe(0);
    expect(await found()).toMatchObject(NOTHING);
  });

  it("reports what it could not ask, and shows no secret of the sign-in", async () => {
    const run = await cloud.project.run(["drift", "--stack", "prod", "--format", "json"], {
      env: { ...cloud.env, ARM_CLIENT_SECRET: "wrong-0815" },
    });
    expect(run.code, run.all).toBe(2);
    expect(run.all).not.toContain("wrong-0815");
    const reported = shortOf(JSON.parse(run.stdout) as DriftReport);
    expect(reported).toMatchObject({ verdict: "unknown", drifted: [] });
    expect(reported.notAsked.toSorted()).toEqual([
      `App Service ${APP}`,
      expect.stringContaining("Azure Cache for Redis propiq-redis"),
    ]);
    const sealed = await cloud.project.run(["drift", "--stack", "prod"], {
      env: { ...cloud.env, PULUMI_CONFIG_PASSPHRASE: "another" },
    });
    expect(sealed.code, sealed.all).toBe(2);
    expect(sealed.all).toContain("./propiq-cache drift --stack prod");
  });

  it("reports a cache that was deleted by hand", async () => {
    await arm.request({ method: "DELETE", path: cache, apiVersion: REDIS });
    await expect.poll(() => cloud.azure.caches().length).toBe(0);
    const reported = await found();
    expect(reported.exit).toBe(1);
    expect(reported.drifted).toEqual([
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
    await project.configure("native", { port: String(await freePort()) });
  });
  afterAll(() => project?.remove());

  async function found() {
    const run = await project.run(["drift", "--stack", "native", "--format", "json"]);
    expect(run.stderr).toBe("");
    return { exit: run.code, ...shortOf(JSON.parse(run.stdout) as DriftReport) };
  }

  it("cannot drift before it exists, and the question does not create it", async () => {
    const run = await project.run(["drift", "--stack", "native"]);
    expect(run.code, run.all).toBe(2);
    expect(run.stderr).toContain("./propiq-cache dev");
  });

  it("reports a changed key of the env file, a missing file and a server that ended", async () => {
    const dev = await project.run(["dev"]);
    expect(dev.code, dev.all).toBe(0);

    const file = join(project.root, ".env");
    const before = await readFile(file, "utf8");
    await writeFile(file, `OWN=1\n${before}CACHE_TTL_DAY=7777\n`);
    expect(await found()).toMatchObject({
      exit: 1,
      drifted: ["env file .env: SETTINGS_CHANGED CACHE_TTL_DAY changed"],
    });
    await rm(file);
    const port = /REDIS_PORT=(\d+)/.exec(before)?.[1] ?? "";
    const pid = await serverPid(Number(port));
    process.kill(pid, "SIGKILL");
    const gone = await found();
    expect(gone.drifted.toSorted()).toEqual([
      expect.stringMatching(/^env file \.env: GONE /),
      expect.stringMatching(/^redis-server .*: GONE $/),
    ]);
    expect(gone.hints).toContain("./propiq-cache repair --stack native");
    const repaired = await project.run(["repair", "--stack", "native", "--yes"]);
    expect(repaired.code, repaired.all).toBe(0);
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
    await project.configure("dev", { port: String(await freePort()) });
    const dev = await run("dev");
    expect(dev.code, dev.all).toBe(0);
  });
  afterAll(async () => {
    await run("dev", "--down");
    await project.remove();
    await engine.stop();
    await rm(home, { recursive: true, force: true });
  });

  it("reports a container that was stopped or removed", async () => {
    const found = async () => {
      const { stdout, stderr } = await run("drift", "--stack", "dev", "--format", "json");
      expect(stderr).toBe("");
      return shortOf(JSON.parse(stdout) as DriftReport).drifted;
    };
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

describe("a database at Upstash", STORY, () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
    await cloud.configure({ plan: "upstash-free", "app.name": APP, drainSeconds: "0" });
    await cloud.up();
  });
  afterAll(() => cloud?.stop());

  it("is reported when it was changed in the console or deleted", async () => {
    const found = async () => {
      const run = await cloud.run("drift", "--stack", "prod", "--format", "json");
      expect(run.stderr).toBe("");
      return { exit: run.code, ...shortOf(JSON.parse(run.stdout) as DriftReport) };
    };
    const { id = "" } = cloud.upstash.databases()[0] ?? {};
    await cloud.upstash.changeDatabase(id, { plan: "payg", eviction: false });
    await cloud.upstash.resetPassword(id);
    const changed = await found();
    expect(changed).toMatchObject({ exit: 1, notAsked: [], notes: [] });
    expect(changed.drifted).toHaveLength(3);
    expect(changed.drifted).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Upstash database propiq-redis-upstash-\w+: CHANGED eviction changed$/),
        expect.stringMatching(/^plan of the Upstash database [\w-]+: CHANGED plan changed$/),
        "password of the cache: PASSWORD_REFUSED ",
      ]),
    );
    await cloud.upstash.removeDatabase(id);
    const gone = await found();
    expect(gone).toMatchObject({
      exit: 1,
      notAsked: [],
      drifted: [expect.stringMatching(/^Upstash database propiq-redis-upstash-\w+: GONE $/)],
    });
    expect(gone.hints).toContain("./propiq-cache repair --stack prod");
    const repaired = await cloud.run("repair", "--stack", "prod", "--yes");
    expect(repaired.code, repaired.all).toBe(0);
    expect(await found()).toMatchObject({ exit: 0, verdict: "none" });
  });

  it("is not asked without its credentials, and everything else is", async () => {
    const { UPSTASH_API_KEY: _, ...env } = cloud.env;
    const run = await cloud.project.run(["drift", "--stack", "prod"], { env });
    expect(run.code, run.all).toBe(2);
    expect(run.stdout).toContain("✔ App Service");
    expect(run.stdout).toContain("export UPSTASH_EMAIL=");
    expect(run.stdout).toContain("./propiq-cache drift --stack prod");
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
