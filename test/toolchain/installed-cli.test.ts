import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findInstalledCli } from "../../toolchain/installed-cli.ts";
import { projectRoot } from "../../toolchain/paths.ts";
import { aFolder, aProgram, SYSTEM_PATH } from "./stand-in.ts";

/** A folder with a CLI of this version, with or without a language host beside it. */
async function aCli(folder: string, version: string, { languageHost = true } = {}): Promise<string> {
  const bin = await aProgram(join(folder, "pulumi"), `[ "$1" = version ] && echo ${version}`);
  if (languageHost) await aProgram(join(folder, "pulumi-language-nodejs"), "exit 0");
  return bin;
}

async function aMachine() {
  const home = await aFolder();
  const onPath = join(home, "on-path");
  const env = { HOME: home, PATH: `${onPath}:${SYSTEM_PATH}` };
  return { home, onPath, env };
}

describe("findInstalledCli", () => {
  it("takes one on PATH before those in Pulumi's home", async () => {
    const { home, onPath, env } = await aMachine();
    const bin = await aCli(onPath, "v3.300.1");
    await aCli(join(home, ".pulumi", "bin"), "v3.400.0");
    const { cli } = await findInstalledCli(env);
    expect(cli).toEqual({ bin, version: "3.300.1" });
  });

  it("takes the newest that was downloaded into Pulumi's home", async () => {
    const { home, env } = await aMachine();
    const versions = join(home, ".pulumi", "versions");
    await aCli(join(versions, "3.259.0", "bin"), "v3.259.0");
    const bin = await aCli(join(versions, "3.1000.0", "bin"), "v3.1000.0");
    expect((await findInstalledCli(env)).cli).toEqual({ bin, version: "3.1000.0" });
  });

  it.each([
    ["an older one", "v3.258.0", {}, /is 3\.258\.0, older than 3\.259\.0/],
    ["one of another major version", "v4.0.0", {}, /is 4\.0\.0, and only 3\.x/],
    ["one without a language host", "v3.259.0", { languageHost: false }, /no pulumi-language-nodejs/],
    ["one that does not answer well", "garbage", {}, /does not say its version/],
  ])("passes over %s, with the reason", async (_what, version, parts, reason) => {
    const { onPath, env } = await aMachine();
    const bin = await aCli(onPath, version, parts);
    const { cli, passedOver } = await findInstalledCli(env);
    expect(cli).toBeUndefined();
    expect(passedOver).toEqual([{ what: bin, why: expect.stringMatching(reason) }]);
  });

  it("accepts a language host that is elsewhere on PATH", async () => {
    const { home, onPath, env } = await aMachine();
    await aCli(onPath, "v3.259.0", { languageHost: false });
    await aProgram(join(home, "other", "pulumi-language-nodejs"), "exit 0");
    const { cli } = await findInstalledCli({ ...env, PATH: `${env.PATH}:${join(home, "other")}` });
    expect(cli?.version).toBe("3.259.0");
  });

  it("never takes npm's wrapper", async () => {
    const { onPath, env } = await aMachine();
    await mkdir(onPath, { recursive: true });
    await symlink(join(projectRoot, "node_modules", "pulumi", "run.js"), join(onPath, "pulumi"));
    expect(await findInstalledCli(env)).toEqual({ passedOver: [] });
  });

  it("says why one cannot be run", async () => {
    const { onPath, env } = await aMachine();
    const bin = await aProgram(join(onPath, "pulumi"), "");
    await writeFile(bin, "not a program of this machine");
    const { passedOver } = await findInstalledCli(env);
    expect(passedOver).toEqual([
      { what: bin, why: expect.stringMatching(/cannot be run \((ENOEXEC|UNKNOWN)|does not say/) },
    ]);
  });
});
