import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import dockerPackage from "../../node_modules/@pulumi/docker/package.json" with { type: "json" };
import { runChild } from "../../toolchain/child.ts";
import { findDockerPlugin } from "../../toolchain/docker-plugin.ts";
import { ensurePulumi, type PulumiCli } from "../../toolchain/pulumi.ts";
import { aFolder, aListener, aProgram, SYSTEM_PATH } from "./stand-in.ts";

const { version } = dockerPackage;
const FOLDER = `resource-docker-v${version}`;
const PROGRAM = "pulumi-resource-docker";
/** Nobody listens there. */
const UNREACHABLE = "http://127.0.0.1:2";

let installed: PulumiCli;
beforeAll(async () => {
  installed = await ensurePulumi({ install: "yes", say: () => {}, env: process.env });
});

/** The machine's CLI with a home of the test's own. */
async function aMachine() {
  const home = await aFolder();
  const pulumiHome = join(home, "pulumi-home");
  const cli = { ...installed, home: pulumiHome, env: { ...installed.env, PULUMI_HOME: pulumiHome } };
  const env = { PATH: `${join(home, "on-path")}:${SYSTEM_PATH}`, HOME: home };
  return { home, cli, env };
}

/** Serves an archive, or any part of one, for every request. */
async function aServer(archive: Buffer, { hangAfter }: { hangAfter?: number } = {}): Promise<string> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": archive.length });
    if (hangAfter === undefined) response.end(archive);
    else response.write(archive.subarray(0, hangAfter));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.closeAllConnections());
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function anArchive(): Promise<Buffer> {
  const folder = await aFolder();
  await aProgram(join(folder, PROGRAM), "exit 0");
  const tar = await runChild("tar", ["cf", join(folder, "a.tar"), "-C", folder, PROGRAM], {
    stdio: "capture",
  });
  expect(tar.code).toBe(0);
  return gzipSync(await readFile(join(folder, "a.tar")));
}

describe("findDockerPlugin", () => {
  it("takes one on PATH, whatever its version, as the engine does", async () => {
    const { home, cli, env } = await aMachine();
    await aProgram(join(home, "on-path", PROGRAM), "exit 0");
    expect(await findDockerPlugin(cli, { say: () => {}, env, server: UNREACHABLE })).toMatchObject({
      from: "PATH",
    });
  });

  it("takes the one that is installed, of this version only, and whole only", async () => {
    const { cli, env } = await aMachine();
    await aProgram(join(cli.home, "plugins", "resource-docker-v4.0.0", PROGRAM), "exit 0");
    const older = await findDockerPlugin(cli, { say: () => {}, env, server: UNREACHABLE });
    expect(older).toEqual({ found: false, reason: "127.0.0.1:2 cannot be reached (ECONNREFUSED)" });
    await aProgram(join(cli.home, "plugins", FOLDER, PROGRAM), "exit 0");
    const found = await findDockerPlugin(cli, { say: () => {}, env, server: UNREACHABLE });
    expect(found).toEqual({ found: true, version, from: "PULUMI_HOME" });
    await aProgram(join(cli.home, "plugins", `${FOLDER}.partial`), "");
    expect(await findDockerPlugin(cli, { say: () => {}, env, server: UNREACHABLE })).toMatchObject({
      found: false,
    });
  });

  it("copies the one from the user's own Pulumi home, so that the engine sees it", async () => {
    const { home, cli, env } = await aMachine();
    await aProgram(join(home, ".pulumi", "plugins", FOLDER, PROGRAM), "exit 0");
    const found = await findDockerPlugin(cli, { say: () => {}, env, server: UNREACHABLE });
    expect(found).toEqual({ found: true, version, from: "~/.pulumi" });
    expect(await readdir(join(cli.home, "plugins", FOLDER))).toContain(PROGRAM);
    const listed = await runChild(cli.bin, ["plugin", "ls", "--json"], {
      stdio: "capture",
      env: { ...env, ...cli.env },
    });
    expect(JSON.parse(listed.stdout)).toMatchObject([{ name: "docker", version }]);
  });

  it("downloads it where it is missing, and leaves no temporary files", async () => {
    const { cli, env } = await aMachine();
    const { say, lines } = aListener();
    const server = await aServer(await anArchive());
    const found = await findDockerPlugin(cli, { say, env, server });
    expect(found).toEqual({ found: true, version, from: "download" });
    expect((await readdir(join(cli.home, "plugins"))).filter((name) => name.startsWith("."))).toEqual([]);
    expect(lines).toEqual([`Downloading Pulumi's Docker plugin ${version}`]);
  });

  it("says why a download failed", async () => {
    const { cli, env } = await aMachine();
    const server = await aServer(Buffer.from("no archive"));
    const found = await findDockerPlugin(cli, { say: () => {}, env, server });
    expect(found).toEqual({ found: false, reason: expect.stringMatching(/^its download failed: \S/) });
    expect(await findDockerPlugin(cli, { say: () => {}, env, server: UNREACHABLE })).toMatchObject({
      found: false,
    });
  });
});
