import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../infra/settings/settings.ts";
import { linesOf } from "../../../operations/stacks/deployed.ts";
import { parsePulumiArguments, withoutNoise } from "../../../operations/stacks/pulumi-arguments.ts";

const settingsOf = (config: Record<string, string>) =>
  parseSettings(config, { stack: "prod", isSecret: () => false });
const lines = (config: Record<string, string>) => linesOf({ stack: "prod", settings: settingsOf(config) });

describe("an update ends with what users have, and how to verify it:", () => {
  it("an app", () => {
    expect(lines({ plan: "azure-c0", app: '{"name":"shop"}' })).toEqual([
      "Now: shop uses the cache of plan azure-c0.",
      "Verify: ./propiq-cache verify --stack prod --app",
    ]);
  });

  it("apps that read an env file", () => {
    expect(lines({ plan: "upstash-free", envFile: "app.env" })[0]).toBe(
      "Now: each app that reads app.env uses the cache of plan upstash-free.",
    );
  });

  it("a cache that is disabled, and no app", () => {
    expect(lines({ plan: "upstash-free", enabled: "false" })).toEqual([
      "Now: the cache of plan upstash-free is disabled, and the apps run without it.",
      "Verify: ./propiq-cache verify --stack prod",
    ]);
  });
});

it.each([
  ["up --stack prod", "terminal", "up --stack prod --suppress-outputs"],
  ["up --stack prod -- x", "terminal", "up --stack prod --suppress-outputs -- x"],
  ["up --suppress-outputs=false", "terminal", "up --suppress-outputs=false"],
  ["preview --stack prod", "terminal", "preview --stack prod --suppress-outputs"],
  ["stack output", "log", "stack output"],
  ["up --stack prod", "log", "up --stack prod --suppress-outputs --suppress-progress"],
  ["up --suppress-progress=false", "log", "up --suppress-progress=false --suppress-outputs"],
  ["preview --stack prod", "log", "preview --stack prod --suppress-outputs --suppress-progress"],
  ["destroy --stack prod -- x", "log", "destroy --stack prod --suppress-progress -- x"],
  ["preview --json", "log", "preview --json"],
  ["watch --stack prod", "log", "watch --stack prod"],
] as const)("%s into a %s runs as %s", (given, output, run) => {
  const words = given.split(" ");
  expect(withoutNoise(parsePulumiArguments(words), words, output).join(" ")).toBe(run);
});
