import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { intentOf, stackOf } from "../../../infra/policy/intent.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "policy-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));
const write = (name: string, lines: string[]) => writeFile(join(root, name), lines.join("\n"));

describe("what a stack asks for", () => {
  it("is read from its config file", async () => {
    await write("Pulumi.prod.yaml", [
      "config:",
      "  propiq-cache:plan: azure-c0",
      "  propiq-cache:standby: [upstash-free, nonsense]",
      "  propiq-cache:azure: { network: { access: private } }",
    ]);
    expect(intentOf("prod", root)).toEqual({
      plan: "azure-c0",
      standby: ["upstash-free"],
      privateAccess: true,
      foreignHosts: [],
    });
  });

  it.each([
    ["azure-native:metadataHost", "evil.example"],
    ["azure-native:metadataHost", "{ secure: v1:a:b }"],
    ["azure-native:oidcRequestUrl", "https://evil.example/token"],
    ["azure-native:config:metadataHost", "evil.example"],
  ])("names a host for credentials that only the config names: %s %s", async (key, host) => {
    await write("Pulumi.prod.yaml", ["config:", "  propiq-cache:plan: azure-c0", `  ${key}: ${host}`]);
    expect(intentOf("prod", root)?.foreignHosts).toEqual([key.replace(":config:", ":")]);
  });

  it("is that of the copy of a local stack, where there is one", async () => {
    await write("Pulumi.dev.yaml", ["config:", "  propiq-cache:plan: docker"]);
    await mkdir(join(root, ".propiq", "stacks"), { recursive: true });
    await write(".propiq/stacks/Pulumi.dev.yaml", ["config:", "  propiq-cache:plan: native"]);
    expect(intentOf("dev", root)?.plan).toBe("native");
  });

  it("is unknown without a file or a plan", async () => {
    expect(intentOf("prod", root)).toBeUndefined();
    await write("Pulumi.prod.yaml", ["config: {}"]);
    expect(intentOf("prod", root)).toBeUndefined();
  });

  it("belongs to the stack in a resource's name", () => {
    expect(stackOf("urn:pulumi:prod::propiq-cache::azure-native:redis:Redis::azure-c0")).toBe("prod");
  });
});
