import { describe, expect, it } from "vitest";
import { UNKNOWN, type Values } from "../../../../infra/provider/protocol/values.ts";
import { checkInputs } from "../../../../rehearsal/plugins/docker/check.ts";
import { container } from "../../../../rehearsal/plugins/docker/container.ts";

const good: Values = {
  name: "propiq-redis",
  image: "sha256:0",
  command: ["redis-server", "--save", "--appendonly", "no"],
  ports: [{ internal: 6379, external: 6380, ip: "127.0.0.1" }],
  restart: "unless-stopped",
  healthcheck: { tests: ["CMD", "redis-cli", "ping"], interval: "1m0s" },
};
const check = (inputs: Values) => checkInputs("c", inputs, container.fields, container.properties);

describe("checkInputs", () => {
  it("adds the provider's defaults and notes which they are", () => {
    const { inputs, failures } = check(good);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
      networkMode: "bridge",
      mustRun: true,
      ports: [{ protocol: "tcp", __defaults: ["protocol"] }],
      healthcheck: { timeout: "0s", __defaults: ["startInterval", "startPeriod", "timeout"] },
    });
    expect(inputs["__defaults"]).toEqual([
      "containerReadRefreshTimeoutMilliseconds",
      "mustRun",
      "networkMode",
      "removeVolumes",
      "start",
      "waitTimeout",
    ]);
  });

  it("accepts values that are not known yet, and treats null as absent", () => {
    expect(check({ ...good, image: UNKNOWN, memory: null }).failures).toEqual([]);
  });

  it.each<[string, Values, RegExp]>([
    ["an input that the SDK does not have", { foo: 1 }, /Invalid or unknown key.*'c\.foo'/],
    [
      "a field that the SDK does not have",
      { ports: [{ internal: 1, extrenal: 2 }] },
      /unknown key.*c\.ports\[0\]\.extrenal/,
    ],
    ["a missing input", { image: null }, /Missing required argument.*"image"/],
    ["a missing field", { ports: [{ external: 1 }] }, /Missing required argument.*"internal"/],
    ["text for a number", { memory: "164" }, /Must be a number.*c\.memory/],
    ["a word for a list", { command: "redis-server" }, /Must be a list/],
    [
      "a restart policy that does not exist",
      { restart: "sometimes" },
      /'sometimes' doesn't match the pattern/,
    ],
    ["less memory than none", { memory: -1 }, /'-1' cannot be lower than 0/],
    ["a period without a unit", { healthcheck: { interval: "5" } }, /'5' is not a valid duration/],
    ["an input that it was never tried with", { gpus: "all" }, /stand-in .* does not know the input gpus/],
    ["no name", { name: null }, /stand-in .* makes up no name/],
  ])("refuses %s", (_, change, words) => {
    expect(check({ ...good, ...change }).failures).toEqual([expect.stringMatching(words)]);
  });
});
