import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runChild } from "../../toolchain/child.ts";
import { layLanguageHost } from "../../toolchain/language-host/lay.ts";
import { projectRoot } from "../../toolchain/paths.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { PULUMI_VERSION } from "../../toolchain/version.ts";
import { lacks } from "../support/parts.ts";
import { makeProject } from "../support/project.ts";
import { aFolder, aListener, aProgram, SYSTEM_PATH } from "./stand-in.ts";

async function aMachine() {
  const home = await aFolder();
  const pulumiHome = join(home, "pulumi-home");
  const kept = join(pulumiHome, "versions", PULUMI_VERSION, "bin");
  const env = { HOME: home, PULUMI_HOME: pulumiHome, PATH: `${join(home, "on-path")}:${SYSTEM_PATH}` };
  return { home, pulumiHome, kept, env };
}

describe("ensurePulumi", () => {
  it("prefers the one that is installed, and gives it the project's own Node", async () => {
    const { home, pulumiHome, kept, env } = await aMachine();
    const bin = await aProgram(join(home, "on-path", "pulumi"), "echo v3.300.0");
    await aProgram(join(home, "on-path", "pulumi-language-nodejs"), "");
    await aProgram(join(kept, "pulumi"), "exit 1");
    const cli = await ensurePulumi({ install: "no", say: () => {}, env });
    expect(cli).toMatchObject({ bin, version: "3.300.0", source: "installed", home: pulumiHome });
    expect(cli.env).toEqual({
      PATH: `${join(home, "on-path")}:${join(projectRoot, "node_modules", ".bin")}:${env.PATH}`,
      PULUMI_HOME: pulumiHome,
      PULUMI_SKIP_UPDATE_CHECK: "true",
    });
  });

  it("takes the one that npm's wrapper downloaded, without running it", async () => {
    const { kept, env } = await aMachine();
    const bin = await aProgram(join(kept, "pulumi"), "exit 1");
    await aProgram(join(kept, "pulumi-language-nodejs"), "exit 1");
    const { say, lines } = aListener();
    expect(await ensurePulumi({ install: "no", say, env })).toMatchObject({ bin, source: "downloaded" });
    expect(lines).toEqual([]);
  });

  it("recognizes a built CLI by the language host next to it", async () => {
    const { kept, env } = await aMachine();
    const bin = await aProgram(join(kept, "pulumi"), "exit 1");
    await layLanguageHost(kept);
    expect(await ensurePulumi({ install: "no", say: () => {}, env })).toMatchObject({ bin, source: "built" });
  });
});

/** Without a network of its own, not even a name resolves. */
const OFFLINE = ["--net", "--map-root-user"];
const canBeOffline = spawnSync("unshare", [...OFFLINE, "true"]).status === 0;

describe.skipIf(lacks("unshare", canBeOffline))("a machine without Pulumi and without a network", () => {
  it("gets a message with what was tried, why each attempt failed, and what to type", async () => {
    const project = await makeProject();
    const { home, env } = await aMachine();
    await mkdir(env.PULUMI_HOME);
    await aProgram(join(home, "on-path", "pulumi"), "echo v3.1.0");
    const setup = [process.execPath, join(project.root, "scripts", "propiq-cache.mjs"), "setup", "--install"];
    const end = await runChild("unshare", [...OFFLINE, ...setup], { stdio: "capture", env });
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(`There is no Pulumi CLI ${PULUMI_VERSION} or newer on this machine. Tried:`);
    expect(end.stderr).toContain(
      `${join(home, "on-path", "pulumi")}: is 3.1.0, older than ${PULUMI_VERSION}`,
    );
    expect(end.stderr).toMatch(/download: get\.pulumi\.com cannot be reached \(E\w+\)/);
    expect(end.stderr).toMatch(/build from its Go module: there is no Go on PATH/);
    expect(end.stderr).toContain("curl -fsSL https://get.pulumi.com | sh");
    expect(end.stderr).toContain("./propiq-cache setup --install");
    expect(end.stderr).not.toMatch(/^\s+at /m);
    await project.remove();
  });
});
