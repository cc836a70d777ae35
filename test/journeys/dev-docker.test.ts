// @module-tag pipeline
/** A developer with Docker: the same command, a container, and everything that can stand in its way. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv, promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callDocker } from "../../infra/caches/docker/api.ts";
import { inspectContainer, removeContainer } from "../../infra/caches/docker/engine.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { ask as askServer } from "../../infra/provider/local-redis/ask.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { ask } from "../support/ask.ts";
import {
  type DockerEngine,
  importRedisImage,
  startDockerEngine,
  whyNoDockerEngine,
} from "../support/docker-engine.ts";
import { STORY } from "../support/parts.ts";
import { makeProject, type Outcome, type Project } from "../support/project.ts";

describe.skipIf(await whyNoDockerEngine())("a developer with Docker", STORY, () => {
  let project: Project;
  let engine: DockerEngine;
  let home: string;
  let port: number;

  const run = (...words: string[]): Promise<Outcome> =>
    project.run(words, { env: { DOCKER_HOST: engine.host, PULUMI_HOME: home } });
  const set = (key: string, value: string) => project.configure("dev", { [key]: value });
  const container = () => inspectContainer(engine.host, "propiq-redis");
  const ping = () => ask(port, "PING");

  beforeAll(async () => {
    project = await makeProject();
    engine = await startDockerEngine();
    await importRedisImage(engine.host);
    home = await mkdtemp(join(tmpdir(), "propiq-home-"));
    await installStandIn("docker", home);
    port = await freePort();
    await set("port", String(port));
  });
  afterAll(async () => {
    await run("dev", "--down");
    await project.remove();
    await engine.stop();
    await rm(home, { recursive: true, force: true });
  });

  it("gets a container of its own, reached from this machine alone, and a proven cache in it", async () => {
    const up = await run("dev");
    expect(up.code, up.all).toBe(0);
    expect(up.stdout).toMatch(/^Docker \S+ \(unix:/m);
    expect(up.stdout).toContain("healthy");
    expect(await container()).toMatchObject({ running: true, ports: [port] });
    expect(parseEnv(await project.read(".env"))["REDIS_URL"]).toBe(`redis://127.0.0.1:${port}/0`);
    expect(await ping()).toBe("PONG");
    const { text } = await callDocker(engine.host, {
      method: "GET",
      path: "/containers/propiq-redis/json",
      timeoutMs: 5000,
    });
    const { HostConfig, Config } = JSON.parse(text);
    expect(HostConfig).toMatchObject({
      Memory: 182 * 1024 * 1024,
      RestartPolicy: { Name: "unless-stopped" },
      PortBindings: { "6379/tcp": [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
    });
    expect(Config.Healthcheck.Test).toEqual(["CMD", "redis-cli", "ping"]);
    const policy = await ask(port, "CONFIG", "GET", "maxmemory*");
    expect(policy).toEqual(
      expect.arrayContaining(["maxmemory-policy", "allkeys-lru", "maxmemory", String(100 * 1024 * 1024)]),
    );
  });

  it("sees no change in a preview, and a second run reports no change", async () => {
    const preview = await run("pulumi", "preview", "--stack", "dev", "--expect-no-changes");
    expect(preview.code, preview.all).toBe(0);
    const again = await run("dev");
    expect(again.code, again.all).toBe(0);
    expect(again.stdout).toContain("Nothing had to be changed.");
  });

  it.each(["kill", "stop"])("gets the container back by another run after docker %s", async (verb) => {
    const before = await container();
    await callDocker(engine.host, {
      method: "POST",
      path: `/containers/propiq-redis/${verb}`,
      timeoutMs: 15_000,
    });
    await expect.poll(async () => (await container())?.running).toBe(false);
    const again = await run("dev");
    expect(again.code, again.all).toBe(0);
    expect((await container())?.id).not.toBe(before?.id);
    expect(await ping()).toBe("PONG");
  });

  it("keeps its running cache when the new port is another user's, in previews as in updates", async () => {
    const taken = await freePort();
    const other = spawn("redis-server", ["--port", String(taken), "--save", ""], { stdio: "ignore" });
    await expect.poll(() => ask(taken, "PING").catch(() => "")).toBe("PONG");
    await set("port", String(taken));
    for (const words of [["pulumi", "preview", "--stack", "dev"], ["dev"]]) {
      const refused = await run(...words);
      expect(refused.code).not.toBe(0);
      expect(refused.all).toContain(`Another Redis already answers on 127.0.0.1:${taken}`);
      expect(refused.all).toContain("config set plan external --stack dev");
      expect(refused.all).not.toMatch(/\n\s+at .*\.ts:\d+/);
    }
    expect(await ping()).toBe("PONG");
    other.kill();
    await once(other, "exit");
    await set("port", String(port));
    expect((await run("dev")).code).toBe(0);
  });

  it("learns what to do about a container of that name made by hand, which remains", async () => {
    expect((await run("dev", "--down")).code).toBe(0);
    const created = await callDocker(engine.host, {
      method: "POST",
      path: "/containers/create?name=propiq-redis",
      body: { Image: "redis:7-alpine", Cmd: ["redis-server"] },
      timeoutMs: 15_000,
    });
    expect(created.status).toBe(201);
    const refused = await run("dev");
    expect(refused.code).toBe(2);
    expect(refused.all).toContain("A container named propiq-redis already exists");
    expect(refused.all).toContain("docker rm -f propiq-redis");
    const there = await container();
    expect(there).toBeDefined();
    await removeContainer(engine.host, there?.id ?? "");
    expect((await run("dev")).code).toBe(0);
  });

  it("has a container removed that a killed update left and that is in no state", async () => {
    const before = await container();
    // As after a kill between the engine's answer and Pulumi's writing it down.
    await run(
      "pulumi",
      "state",
      "delete",
      "--yes",
      "--target-dependents",
      "--stack",
      "dev",
      await urnOfContainer(),
    );
    const again = await run("dev");
    expect(again.code, again.all).toBe(0);
    expect((await container())?.id).not.toBe(before?.id);
    expect(await ping()).toBe("PONG");
  });

  async function urnOfContainer(): Promise<string> {
    const { checkpoint } = JSON.parse(await project.state("dev")) as {
      checkpoint: { latest: { resources: { urn: string; type: string }[] } };
    };
    return (
      checkpoint.latest.resources.find(({ type }) => type === "docker:index/container:Container")?.urn ?? ""
    );
  }

  it("gets a password that docker inspect and the list of processes do not show, and another one by rotate", async () => {
    await run("config", "set", "localPassword=true", "--stack", "dev");
    const up = await run("dev");
    expect(up.code, up.all).toBe(0);
    const { target } = readSettings(parseEnv(await project.read(".env")));
    const password = target?.password ?? "";
    expect(password).toMatch(/^[\w-]{43}$/);
    expect(await askServer({ port, password }, "PING")).toEqual({ text: "PONG" });
    expect(await askServer({ port }, "PING")).toMatchObject({ refusal: expect.stringMatching(/^NOAUTH/) });
    const { text } = await callDocker(engine.host, {
      method: "GET",
      path: "/containers/propiq-redis/json",
      timeoutMs: 5000,
    });
    expect(text).not.toContain(password);
    const { stdout: processes } = await promisify(execFile)("ps", ["axeww"], { maxBuffer: 64 * 1024 * 1024 });
    expect(processes).not.toContain(password);
    const state = await project.read(".propiq/.pulumi/stacks/propiq-cache/dev.json");
    expect(state + up.all).not.toContain(password);
    const preview = await run("pulumi", "preview", "--stack", "dev", "--expect-no-changes");
    expect(preview.code, preview.all).toBe(0);

    const rotated = await run("rotate", "--stack", "dev", "--yes", "--format", "json");
    expect(rotated.code, rotated.all).toBe(0);
    expect(JSON.parse(rotated.stdout)).toMatchObject({ verdict: "rotated", oldSecretRefused: true });
    expect(await askServer({ port, password }, "PING")).toMatchObject({
      refusal: expect.stringMatching(/^WRONGPASS/),
    });
    await run("config", "rm", "localPassword", "--stack", "dev");
    expect((await run("dev")).code).toBe(0);
    expect(await ping()).toBe("PONG");
  });

  it("has nothing left after dev --down but the image", async () => {
    const down = await run("dev", "--down");
    expect(down.code, down.all).toBe(0);
    expect(await container()).toBeUndefined();
    await expect(project.read(".env")).rejects.toThrow("ENOENT");
    const images = await callDocker(engine.host, {
      method: "GET",
      path: "/images/redis:7-alpine/json",
      timeoutMs: 5000,
    });
    expect(images.status).toBe(200);
  });

  it("learns what to do when the image cannot be fetched", async () => {
    await callDocker(engine.host, {
      method: "DELETE",
      path: "/images/redis:7-alpine?force=true",
      timeoutMs: 15_000,
    });
    const up = await run("dev");
    expect(up.code).toBe(2);
    expect(up.all).toContain("The image redis:7-alpine could not be fetched");
    expect(up.all).toContain("docker pull redis:7-alpine");
    expect((await run("dev", "--down")).code).toBe(0);
  });
});
