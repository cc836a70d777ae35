import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { findDockerEngine, inspectContainer, removeContainer } from "../../infra/caches/docker/engine.ts";
import { importRedisImage, startDockerEngine, whyNoDockerEngine } from "./docker-engine.ts";

const run = promisify(execFile);
const reason = await whyNoDockerEngine();

describe.skipIf(reason !== undefined)(`a Docker engine of a test's own ${reason ?? ""}`, () => {
  it("runs containers from the imported image and leaves nothing behind", async () => {
    const { host, stop } = await startDockerEngine();
    try {
      expect(await findDockerEngine({ DOCKER_HOST: host })).toMatchObject({ found: true, host });
      await importRedisImage(host);
      await run("docker", [
        "--host",
        host,
        "run",
        "--detach",
        "--name",
        "cache",
        "--label",
        "a=b",
        "redis:7-alpine",
      ]);
      const made = await inspectContainer(host, "cache");
      expect(made).toMatchObject({ running: true, labels: { a: "b" } });
      await removeContainer(host, made?.id ?? "");
      expect(await inspectContainer(host, "cache")).toBeUndefined();
      await removeContainer(host, made?.id ?? "");
    } finally {
      await stop();
    }
    await expect(access(dirname(host.slice("unix://".length)))).rejects.toThrow("ENOENT");
    expect(await findDockerEngine({ DOCKER_HOST: host })).toMatchObject({ found: false });
  });

  it("starts two that do not meet", async () => {
    const [one, other] = await Promise.all([startDockerEngine(), startDockerEngine()]);
    try {
      expect(one.host).not.toBe(other.host);
      await importRedisImage(one.host);
      const images = await run("docker", ["--host", other.host, "images", "--quiet"]);
      expect(images.stdout).toBe("");
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });
});
