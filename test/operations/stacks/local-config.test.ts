import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mergeConfig, textOf } from "../../../operations/stacks/local-config.ts";

describe("the config of a local stack", () => {
  it("starts as the tracked file", () => {
    expect(mergeConfig({ plan: "docker" }, {}, {})).toEqual({ plan: "docker" });
  });

  it("keeps what was set on this machine", () => {
    expect(mergeConfig({ plan: "docker" }, { plan: "docker" }, { plan: "external", port: "1" })).toEqual({
      plan: "external",
      port: "1",
    });
  });

  it("takes over what changed in the tracked file since, and only that", () => {
    const theirs = { plan: "native", ttl: { short: 5 } };
    expect(mergeConfig(theirs, { plan: "docker", gone: 1 }, { plan: "docker", port: "1", gone: 1 })).toEqual({
      plan: "native",
      ttl: { short: 5 },
      port: "1",
    });
  });
});

describe("a config file of this machine", () => {
  it("that is a folder ends in a code and a command", async () => {
    await expect(textOf(tmpdir())).rejects.toMatchObject({
      code: "FILE_UNUSABLE",
      hint: expect.stringContaining("Run: ls -ld"),
    });
  });

  it("that does not exist is no error", async () => {
    expect(await textOf(join(tmpdir(), "no-such-file.yaml"))).toBeUndefined();
  });
});
