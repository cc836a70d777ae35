import { describe, expect, it } from "vitest";
import { mergeConfig } from "../../../operations/stacks/local-config.ts";

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
