import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { isAtLeast, PULUMI_VERSION, sameMajor } from "../../toolchain/version.ts";

describe("isAtLeast", () => {
  it.each([
    ["3.259.0", "3.259.0", true],
    ["v3.259.1", "3.259.0", true],
    ["3.300.0", "3.259.9", true],
    ["4.0.0", "3.259.0", true],
    ["3.258.9", "3.259.0", false],
    ["2.999.0", "3.0.0", false],
    ["go version go1.26 linux/amd64", "1.25.11", true],
    ["go1.25.2", "1.25.11", false],
    ["no version", "1.0.0", false],
  ])("of %s and %s is %s", (version, wanted, expected) => {
    expect(isAtLeast(version, wanted)).toBe(expected);
  });
});

describe("the pinned version", () => {
  it("is the same for the CLI's npm package and the SDK", () => {
    expect(PULUMI_VERSION).toBe(packageJson.dependencies["@pulumi/pulumi"]);
  });

  it("distinguishes another major version", () => {
    expect(sameMajor("3.1.0", PULUMI_VERSION)).toBe(true);
    expect(sameMajor("4.0.0", PULUMI_VERSION)).toBe(false);
  });
});
