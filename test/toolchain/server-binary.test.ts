import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findRedisServer, isRecent, tooOldRedisServers } from "../../toolchain/server-binary.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-server-binary-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A program that answers `--version` as a server does. */
async function aServer(name: string, answer: string): Promise<string> {
  const bin = join(folder, name);
  await mkdir(join(bin, ".."), { recursive: true });
  await writeFile(bin, `#!/bin/sh\n[ "$1" = --version ] && echo '${answer}'\n`);
  await chmod(bin, 0o755);
  return bin;
}

const REDIS = "Redis server v=7.2.4 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1";
const OLD_REDIS = "Redis server v=6.0.16 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=1";

describe("findRedisServer", () => {
  it("takes the first on PATH, with its version", async () => {
    const bin = await aServer("one/redis-server", REDIS);
    await aServer("two/redis-server", REDIS.replace("7.2.4", "8.0.0"));
    expect(await findRedisServer({ PATH: `${folder}/one:${folder}/two` })).toEqual({
      bin,
      version: "7.2.4",
      flavour: "redis",
    });
  });

  it("skips a server that is too old, and can name it", async () => {
    const old = await aServer("one/redis-server", OLD_REDIS);
    const bin = await aServer("two/redis-server", REDIS);
    const env = { PATH: `${folder}/one:${folder}/two` };
    expect(await findRedisServer(env)).toMatchObject({ bin });
    expect(await tooOldRedisServers(env)).toContainEqual({ bin: old, version: "6.0.16", flavour: "redis" });
  });

  it("skips a program that is not a server, cannot be run, or is in a relative folder", async () => {
    await aServer("one/redis-server", "hello");
    await writeFile(join(folder, "redis-server"), REDIS);
    await mkdir(join(folder, "two", "redis-server"), { recursive: true });
    const bin = await aServer("three/redis-server", REDIS);
    const env = { PATH: `relative::${folder}/one:${folder}:${folder}/two:${folder}/three` };
    expect(await findRedisServer(env)).toMatchObject({ bin });
  });
});

describe("isRecent", () => {
  it.each([
    ["6.2.0", true],
    ["5:7.0.15-1~deb12u10", true],
    ["10.0", true],
    ["6.0.16", false],
    ["5:6.0.16-1ubuntu1", false],
    ["5.9.9", false],
    ["", false],
  ])("of %j is %s", (version, expected) => {
    expect(isRecent(version)).toBe(expected);
  });
});
