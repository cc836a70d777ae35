import { describe, expect, it } from "vitest";
import type { Values } from "../../../../infra/provider/protocol/values.ts";
import { differences } from "../../../../rehearsal/plugins/docker/diff.ts";
import { CONTAINER } from "../../../../rehearsal/plugins/docker/properties.ts";

const inputs: Values = {
  name: "c",
  image: "sha256:0",
  ports: [{ internal: 6379, external: 6380, ip: "127.0.0.1", protocol: "tcp", __defaults: ["protocol"] }],
  labels: [
    { label: "a", value: "1" },
    { label: "b", value: "2" },
  ],
  memory: 164,
  memorySwap: 164,
  mustRun: true,
};
const state: Values = {
  ...inputs,
  ports: [{ internal: 6379, external: 6380, ip: "127.0.0.1", protocol: "tcp" }],
  ...{ command: ["redis-server"], entrypoints: [], envs: [], hostname: "h", user: "", workingDir: "/data" },
  ...{ init: false, healthcheck: null, cpuShares: 0, rm: false },
};
/** Inputs that differ, `!` behind those that replace. */
const differing = (before: Values, after: Values): string[] =>
  differences(before, after, CONTAINER).map(({ path, replaces }) => `${path}${replaces ? "!" : ""}`);

describe("differences", () => {
  it("finds none where the state matches the inputs, whatever the engine chose in addition", () => {
    expect(differing(state, inputs)).toEqual([]);
  });

  it.each<[string, Values, string[]]>([
    ["another image", { image: "sha256:1" }, ["image!"]],
    ["another command", { command: ["sh"] }, ["command!"]],
    [
      "another port",
      { ports: [{ internal: 6379, external: 6381, ip: "127.0.0.1", protocol: "tcp" }] },
      ["ports!"],
    ],
    ["more memory", { memory: 200, memorySwap: 200 }, ["memory", "memorySwap"]],
    ["another restart policy", { restart: "always" }, ["restart"]],
    ["another health check, which nothing applies", { healthcheck: { retries: 3 } }, ["healthcheck"]],
    ["a random port", { ports: [{ internal: 6379, ip: "127.0.0.1", protocol: "tcp" }] }, []],
    ["labels in another order", { labels: [...(inputs["labels"] as Values[])].reverse() }, []],
    ["no labels", { labels: null }, []],
    // Docker makes it twice the memory: the difference that never ends.
    ["a swap limit left to Docker", { memorySwap: null }, ["memorySwap"]],
  ])("detects %s", (_, change, expected) => {
    expect(differing(state, { ...inputs, ...change })).toEqual(expected);
  });

  it("replaces a container that was found stopped, since it has no ports", () => {
    expect(differing({ ...state, mustRun: false, ports: [] }, inputs)).toEqual(["ports!", "mustRun"]);
  });

  it("replaces a container that was made and never started", () => {
    expect(differing(inputs, inputs)).toContain("entrypoints!");
  });
});
