/** A config with typing errors: preview reports all of them together and makes nothing. */
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeProject, type Project } from "../support/project.ts";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project.remove());

const configure = (lines: string[]) =>
  writeFile(
    join(project.root, "Pulumi.native.yaml"),
    ["config:", ...lines.map((line) => `  propiq-cache:${line}`), ""].join("\n"),
  );

describe("a wrong config", () => {
  it("stops the preview with every problem, without a stack trace, and nothing is made", async () => {
    await configure([
      "plan: natve",
      "port: 1e3",
      "maxMemoryMb: 0",
      "ttl: { short: -1, smedium: 3 }",
      "colour: red",
    ]);
    await appendFile(join(project.root, "Pulumi.native.yaml"), "  propiq-cach:maxMemoryMb: 50\n");
    const preview = await project.run(["pulumi", "preview", "--stack", "native"]);
    expect(preview.code).toBe(2);
    expect(preview.all).not.toMatch(/Previewing|Diagnostics/);
    const preflight = await project.run(["preflight", "--stack", "native"]);
    expect(preflight.code).toBe(2);
    expect(preflight.all).toContain("propiq-cach:maxMemoryMb: did you mean");
    const other = await project.run([
      "pulumi",
      "preview",
      "--stack",
      "native",
      "--config-file",
      join(project.root, "Pulumi.native.yaml"),
    ]);
    expect(other.code, other.all).toBe(2);
    expect(other.all).toContain("propiq-cache:colour: there is no such key");
    for (const words of [
      /propiq-cache:plan: must be one of docker, native, .*did you mean native/,
      /propiq-cache:port: must be a whole number from 1 to 65535/,
      /propiq-cache:maxMemoryMb: must be a whole number/,
      /propiq-cache:ttl\.short: must be a whole number from 1/,
      /propiq-cache:ttl\.smedium: there is no such key \(did you mean medium\?\)/,
      /propiq-cache:colour: there is no such key; allowed: plan, /,
      /To remove it: \.\/propiq-cache pulumi config rm colour --stack native/,
      /propiq-cach:maxMemoryMb: did you mean propiq-cache:maxMemoryMb\?/,
    ]) {
      expect(preview.all).toMatch(words);
    }
    expect(preview.all).not.toMatch(/\n\s+at .*\.ts:\d+/);
    const up = await project.run(["pulumi", "up", "--yes", "--skip-preview", "--stack", "native"]);
    expect(up.code).toBe(2);
    expect(up.all).not.toContain("LocalRedis");
    await expect(project.read(".env")).rejects.toThrow("ENOENT");
  });

  it("never repeats a password, in the plain or secret", async () => {
    await configure(["plan: external", "url: redis://:hunter2@127.0.0.1:1/0"]);
    const plain = await project.run(["pulumi", "preview", "--stack", "native"]);
    expect(plain.code).not.toBe(0);
    expect(plain.all).toContain("propiq-cache:url: holds a password in the plain");
    expect(plain.all).not.toContain("hunter2");

    await configure(["plan: external"]);
    await project.run(["pulumi", "config", "set", "--secret", "url", "--stack", "native"], {
      input: "http://:hunter2@127.0.0.1:1/0",
    });
    const secret = await project.run(["pulumi", "preview", "--stack", "native"]);
    expect(secret.code).not.toBe(0);
    expect(secret.all).toContain("propiq-cache:url: must start with redis:// or rediss://");
    expect(secret.all).not.toContain("hunter2");
  });

  it("is reported for cloud plans too", async () => {
    await configure(["plan: upstash-free", "maxMemoryMb: 50"]);
    const preview = await project.run(["pulumi", "preview", "--stack", "native"]);
    expect(preview.code).not.toBe(0);
    expect(preview.all).toContain("propiq-cache:maxMemoryMb: belongs to the plans docker and native");
  });
});
